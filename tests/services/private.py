"""Servers that a test starts for itself: in a folder of their own, on a Unix socket, gone when the test is."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(slots=True)
class Server:
    """A running server.

    Attributes:
        folder: Its own folder; also holds its socket.
        command: What starts it.
        owner: The system user that it runs as; None for the one who runs the tests.
        stop_signal: What makes it stop soon and in order.
        is_ready: Whether it answers.
    """

    folder: Path
    command: list[str]
    owner: str | None
    stop_signal: signal.Signals
    is_ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start, and wait until it answers."""
        log = self.folder / "log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=self.owner,
                group=self.owner,
                extra_groups=None if self.owner is None else [],
                cwd=self.folder,
                start_new_session=True,  # an interrupt from the keyboard is for the tests
                preexec_fn=self._die_with_parent,  # noqa: PLW1509 - one call of the C library, of which no lock is asked
            )
        deadline = time.monotonic() + 60
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self.command[0]} does not answer:\n{log.read_text(errors='replace')}")
            time.sleep(0.02)

    def stop(self, number: signal.Signals | None = None) -> None:
        """Stop with this signal (SIGKILL for a crash, of all that it had started), and wait for the end."""
        if self.process is not None and self.process.poll() is None:
            children = _children(self.process.pid) if number is signal.SIGKILL else []
            self.process.send_signal(number or self.stop_signal)
            # Processes of PostgreSQL outlive their parent for a moment, and answer in it.
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(30)

    def _die_with_parent(self) -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, self.stop_signal)


def _children(parent: int) -> list[int]:
    """The process ids of its children."""
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


@contextmanager
def folder_for(name: str, owner: str | None) -> Iterator[Path]:
    """A short path (sockets allow about 100 characters) to a new folder of that user, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"unlatch-{name}-", dir="/tmp"))
    if owner is not None:
        shutil.chown(folder, owner, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged(user: str) -> str | None:
    """The user to run a server as that refuses root; None when the tests do not run as root."""
    return user if os.geteuid() == 0 and pwd.getpwnam(user) else None


def run_as(owner: str | None, command: list[str], *, folder: Path) -> None:
    """Run a command that prepares a server, to its end."""
    subprocess.run(
        command,
        user=owner,
        group=owner,
        extra_groups=None if owner is None else [],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=120,
    )


def succeeds(command: list[str]) -> bool:
    """Whether a command that asks a server for a sign of life gets one."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
