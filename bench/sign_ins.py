"""What a sign-in costs a server: processor time of its processes, from /proc, for complete sign-ins over HTTP.

A sign-in is two requests on one connection, as a browser sends them: options, then verify with a new session. The
client is cheap and runs in threads of its own process, so that it is not in the figure.

    python -m bench.sign_ins --count 2000 --clients 8 -- --database postgresql://...

What follows `--` goes to `unlatch serve`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.authenticator import StoredCredential

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run.

    Attributes:
        count: Sign-ins.
        seconds: How long they took together.
        user: Processor milliseconds of the server outside the kernel, for each.
        system: Inside the kernel, for each.
        p50: Milliseconds in which half of the sign-ins were done (both requests, without the authenticator's work).
        p99: All but one in a hundred.
        memory: Kibibytes that the server has in memory at the end.
    """

    count: int
    seconds: float
    user: float
    system: float
    p50: float
    p99: float
    memory: int


class Visitor:
    """Somebody with a passkey, who signs in again and again."""

    def __init__(self, url: str, name: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((str(parts.hostname), parts.port or 80), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = {"host": parts.netloc, "content-type": "application/json", "origin": url}
        self._cookies: dict[str, str] = {}
        self._browser = EmulatedBrowser(url, SoftwareAuthenticator(algorithms=(-7,), counter=None))
        begun = self._post("/v1/registration/options", {"username": name})
        credential = self._browser.create(begun["options"])
        self._post("/v1/registration/verify", {"ceremony_id": begun["ceremony_id"], "credential": credential})

    @property
    def credentials(self) -> list[StoredCredential]:
        """The passkeys of this person."""
        return self._browser.authenticator.credentials

    @property
    def lasting_cookies(self) -> dict[str, str]:
        """What is kept by somebody who is not signed in."""
        return {name: value for name, value in self._cookies.items() if "visitor" in name}

    def release(self) -> socket.socket:
        """The connection, for somebody else to go on with."""
        return self._socket

    def sign_in(self) -> float:
        """Sign in; the seconds that the server's two answers took."""
        self._cookies = self.lasting_cookies
        start = time.perf_counter()
        begun = self._post("/v1/authentication/options", {})
        answered = time.perf_counter()
        credential = self._browser.get(begun["options"])
        again = time.perf_counter()
        self._post("/v1/authentication/verify", {"ceremony_id": begun["ceremony_id"], "credential": credential})
        return answered - start + time.perf_counter() - again

    def _post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        content = json.dumps(body).encode()
        fields = {**self._headers, "cookie": cookie, "content-length": str(len(content))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        # One segment, as browsers send it: http.client would send the head by itself.
        self._socket.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + content)
        answer = http.client.HTTPResponse(self._socket, method="POST")
        answer.begin()
        text = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path}: {answer.status} {text!r}")
        for value in answer.headers.get_all("set-cookie", []):
            name, _, rest = value.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return json.loads(text)


def measure(url: str, processes: list[int], *, count: int, clients: int, warm_up: int = 50) -> Figures:
    """Have `clients` people sign in, together `count` times, on a server with these processes."""
    visitors = [Visitor(url, f"v{os.getpid()}-{number}-{time.time_ns()}") for number in range(clients)]
    for _ in range(warm_up):
        visitors[0].sign_in()
    times: list[float] = []
    start, before = time.perf_counter(), processor_time(processes)

    def sign_in_often(visitor: Visitor) -> None:
        times.extend(visitor.sign_in() for _ in range(count // clients))

    threads = [threading.Thread(target=sign_in_often, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after, seconds = processor_time(processes), time.perf_counter() - start
    done = len(times)
    times.sort()
    return Figures(
        count=done,
        seconds=seconds,
        user=1000 * (after[0] - before[0]) / done,
        system=1000 * (after[1] - before[1]) / done,
        p50=1000 * times[done // 2],
        p99=1000 * times[done * 99 // 100],
        memory=sum(memory(process) for process in processes),
    )


def family(process: int) -> list[int]:
    """A process and all that it started, and these started."""
    found = [process]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").iterdir():
            found.extend(int(child) for child in (task / "children").read_text().split())
    return found


def processor_time(processes: list[int]) -> tuple[float, float]:
    """Seconds of processor time so far: outside and inside the kernel."""
    user = system = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        user += int(fields[11])
        system += int(fields[12])
    return user / _TICK, system / _TICK


def memory(process: int) -> int:
    """Kibibytes that a process has in memory."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise LookupError("VmRSS")


def main() -> None:
    """Start a server, measure it, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=1)
    parser.add_argument("server", nargs="*", help="options of `unlatch serve`")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "unlatch.cli", "serve", "--port", "0", "--data", folder, *chosen.server]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            words = server.stdout.readline().split() if server.stdout else []
            if len(words) < 5:
                raise SystemExit("the server did not start")
            figures = measure(words[4].rstrip(","), family(server.pid), count=chosen.count, clients=chosen.clients)
        finally:
            server.terminate()
            server.wait(30)
    print(json.dumps({name: round(getattr(figures, name), 3) for name in Figures.__slots__}))


if __name__ == "__main__":
    main()
