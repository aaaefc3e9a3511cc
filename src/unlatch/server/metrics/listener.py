"""The listener of the metrics: one for all processes of this server, apart from the one that the public reaches."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from unlatch.errors import Misconfigured

if TYPE_CHECKING:
    from prometheus_client import Metric

#: Where prometheus-client looks for the folder, in this process and in those that it starts.
FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen.

    Attributes:
        host: An address of this machine; the loopback address when only a port was named.
        port: Port.
    """

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``PORT``, ``HOST:PORT`` or ``[IPV6]:PORT``.

        Raises:
            Misconfigured: It is none of these.
        """
        host, _, port = text.rpartition(":")
        number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else 0
        if not 0 < number < 65536:
            raise Misconfigured(f"--metrics is a port or an address with one, such as 127.0.0.1:9464, not {text!r}.")
        return cls(host.strip("[]") or "127.0.0.1", number)


@contextmanager
def listening(address: Address) -> Iterator[None]:
    """Listen while the block runs; every process that is started in it counts too.

    Raises:
        Misconfigured: The address cannot be used.
    """
    if "prometheus_client" in sys.modules:
        raise RuntimeError("prometheus_client decides when it is imported whether several processes are counted")
    with tempfile.TemporaryDirectory(prefix="unlatch-metrics-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        from prometheus_client import CollectorRegistry, start_http_server

        registry = CollectorRegistry(support_collectors_without_names=True)
        registry.register(_AllProcesses(Path(folder)))
        try:
            server, thread = start_http_server(address.port, addr=address.host, registry=registry)
        except OSError as error:
            raise Misconfigured(
                f"Metrics cannot listen on {address.host!r}, port {address.port} ({error.strerror}). Name another "
                "address with --metrics."
            ) from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _AllProcesses:
    """Adds up what the processes have written. Counts of processes that are gone stay; their gauges do not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        from prometheus_client.multiprocess import MultiProcessCollector

        for path in self._folder.glob("gauge_live*.db"):
            if not _lives(int(path.stem.rpartition("_")[2])):
                path.unlink(missing_ok=True)
        found: Iterable[Metric] = MultiProcessCollector(None, path=str(self._folder)).collect()  # type: ignore[no-untyped-call]  # prometheus-client has no types there
        return found


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
