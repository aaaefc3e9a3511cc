"""Two servers on one PostgreSQL and one Redis behind nginx, people who sign in all the time, and things that break.

What must hold is counted while it runs, and compared with the database at the end. As a program, for a longer time:

    PYTHONPATH=src:tests python tests/server/instances.py --minutes 10
"""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, text

from live_server import LiveServer, Person, problem
from services import nginx, postgresql, redis

#: Answers that may be given while something is away: a clean 503, or a ceremony that Redis has lost.
LOST = {(410, "ceremony_unknown")}
PATIENCE = 180

_VISITORS = "WHERE u.username LIKE 'visitor%'"


class Instance(LiveServer):
    """One server of several: its origin is the balancer's, its port its own."""

    @property
    def port(self) -> int:
        return int(self.ready.partition("listening on port ")[2].split()[0])


class Site:
    """The two instances and what they share. `origin` is where people go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Site:
        with self._stack as stack:
            self.postgresql = stack.enter_context(postgresql.postgresql())
            self.redis = stack.enter_context(redis.redis())
            port = _free_port()
            self.origin = self.url = f"http://localhost:{port}"
            self.database = postgresql.url(self.postgresql)
            shared = ("--database", self.database, "--redis", redis.url(self.redis), "--origin", self.origin)
            self.instances = [
                stack.enter_context(Instance(self._folder / name, "--host", "127.0.0.1", *shared)) for name in "ab"
            ]
            stack.enter_context(nginx.nginx(port, [instance.port for instance in self.instances]))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def rows(self, statement: str) -> list[Any]:
        engine = create_engine(self.database)
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(statement)).all())
        finally:
            engine.dispose()


class Visitor(threading.Thread):
    """Signs up, then signs in again and again, and tries each response that was accepted a second time."""

    def __init__(self, site: Site, name: str, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.site = site
        self.stop = stop
        self.accepted: list[str] = []  # tokens of the sessions that were answered with success
        self.counter = 0  # of the last sign-in that was accepted
        self.unknown = 0  # finishes without a success, which may be in the database or not
        self.cut = 0  # answers that a killed instance had begun
        self.refusals: Counter[tuple[int, str]] = Counter()
        self.broken: list[str] = []
        self.signed_up = False

    def run(self) -> None:
        with Person(self.site) as person:  # type: ignore[arg-type]  # it asks for a URL, and nothing else
            try:
                while not self.signed_up and not self.stop.is_set():
                    self.sign_up(person)
                while not self.stop.is_set():
                    self.sign_in(person)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test tells of it
                self.broken.append(f"{type(error).__name__}: {error}")

    def sign_up(self, person: Person) -> None:
        begun = self.post(person, "/v1/registration/options", {"username": self.name})
        if begun is not None:
            self.signed_up = self.finish(person, "registration", begun, person.browser.create(begun.json()["options"]))

    def sign_in(self, person: Person) -> None:
        for name in [name for name in person.http.cookies if "session" in name]:
            person.http.cookies.delete(name)
        begun = self.post(person, "/v1/authentication/options", {})
        if begun is not None:
            self.finish(person, "authentication", begun, person.browser.get(begun.json()["options"]))

    def finish(self, person: Person, ceremony: str, begun: httpx.Response, credential: Any) -> bool:
        path = f"/v1/{ceremony}/verify"
        body = {"ceremony_id": begun.json()["ceremony_id"], "credential": credential}
        if self.post(person, path, body) is None:
            self.unknown += 1
            return False
        self.accepted.append(person.http.cookies["unlatch-session"])
        cookies = {name: value for name, value in person.http.cookies.items() if "visitor" in name}
        headers = {"cookie": "; ".join(f"{n}={v}" for n, v in cookies.items())}
        again = self.ask(lambda: person.http.post(path, json=body, headers=headers))
        if again is not None:
            self.broken.append(f"a replay was accepted: {again.text}")
        return True

    def post(self, person: Person, path: str, body: Any) -> httpx.Response | None:
        return self.ask(lambda: person.post(path, body))

    def ask(self, request: Callable[[], httpx.Response]) -> httpx.Response | None:
        """The answer, if it is a success."""
        try:
            answer = request()
        except httpx.RemoteProtocolError as error:
            # The instance was killed between head and body: once, and what it did is in the database or not.
            self.cut += 1
            if self.cut > 1:
                self.broken.append(f"another answer was cut off: {error}")
            return None
        if answer.status_code in (200, 201):
            return answer
        self.judge(answer)
        return None

    def judge(self, answer: httpx.Response) -> None:
        """Every error is a problem document; a 503 says when to come back."""
        found = problem(answer)
        if found[0] == 503 and not answer.headers.get("retry-after", "").isdigit():
            self.broken.append("503 without Retry-After")
        self.refusals[found] += 1


class Load:
    """Visitors, for the length of a `with` block."""

    def __init__(self, site: Site, *, visitors: int) -> None:
        self.site = site
        self._stop = threading.Event()
        self.visitors = [Visitor(site, f"visitor{number}", self._stop) for number in range(visitors)]

    def __enter__(self) -> Load:
        for visitor in self.visitors:
            visitor.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for visitor in self.visitors:
            visitor.join(PATIENCE)

    @property
    def successes(self) -> int:
        return sum(len(visitor.accepted) for visitor in self.visitors)

    def go_on(self, more: int, *, seconds: float = 0) -> None:
        """Wait until so many more have succeeded, and for so long."""
        start, wanted = time.monotonic(), self.successes + more
        while self.successes < wanted or time.monotonic() < start + seconds:
            if time.monotonic() > start + seconds + PATIENCE:
                raise RuntimeError(f"no recovery: {self.report()}")
            time.sleep(0.05)

    def report(self) -> dict[str, Any]:
        refusals: Counter[str] = Counter()
        for visitor in self.visitors:
            refusals.update({f"{status} {code}": count for (status, code), count in visitor.refusals.items()})
        return {
            "accepted": self.successes,
            "unknown": sum(visitor.unknown for visitor in self.visitors),
            "refusals": dict(refusals),
            "broken": [each for visitor in self.visitors for each in visitor.broken],
        }

    def compare(self) -> dict[str, Any]:
        """Compare with the database; what does not fit is in `broken`."""
        report = self.report()
        broken = report["broken"]
        joined = "sessions s JOIN users u ON u.handle = s.user_handle"
        stored = {bytes(row.token_hash) for row in self.site.rows(f"SELECT token_hash FROM {joined} {_VISITORS}")}
        told = [hashlib.sha256(token.encode()).digest() for visitor in self.visitors for token in visitor.accepted]
        if not set(told) <= stored:
            broken.append(f"{len(set(told) - stored)} answered sign-ins are not in the database")
        if len(stored) > len(told) + report["unknown"]:
            broken.append(f"{len(stored)} sessions from {len(told)} sign-ins and {report['unknown']} without an answer")
        people = self.site.rows(
            "SELECT u.username, count(c.id) AS passkeys FROM users u LEFT JOIN unlatch_credentials c"
            f" ON c.user_handle = u.handle {_VISITORS} GROUP BY u.username"
        )
        if {row.username for row in people} != {visitor.name for visitor in self.visitors}:
            broken.append(f"the accounts are {[row.username for row in people]}")
        broken += [f"{row.username} has {row.passkeys} passkeys" for row in people if row.passkeys != 1]
        strange = [found for visitor in self.visitors for found in visitor.refusals if not _expected(found)]
        broken += [f"answered {status} {code}" for status, code in strange]
        return {**report, "sessions": len(stored), "broken": broken}


def _expected(found: tuple[int, str]) -> bool:
    return found in LOST or found[0] == 503 or found == (410, "ceremony_used")


def break_everything(load: Load, *, more: int, seconds: float = 0) -> None:
    """Kill a server, then restart PostgreSQL, then Redis; sign-ins go on after each, and nobody helps."""
    site = load.site
    load.go_on(more, seconds=seconds)
    site.instances[0].kill()
    load.go_on(more, seconds=seconds)
    site.instances[0].start(port=site.instances[0].port)
    load.go_on(more, seconds=seconds)
    site.postgresql.stop(signal.SIGQUIT)  # at once, as a crash: it recovers from its log
    site.postgresql.start()
    load.go_on(more, seconds=seconds)
    site.redis.stop(signal.SIGKILL)
    site.redis.start()
    load.go_on(more, seconds=seconds)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--visitors", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Site(Path(folder)) as site:
        load = Load(site, visitors=chosen.visitors)
        with load:
            break_everything(load, more=20, seconds=chosen.minutes * 60 / 5)
        print(json.dumps(load.compare(), indent=2))


if __name__ == "__main__":
    main()
