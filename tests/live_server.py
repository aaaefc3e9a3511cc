"""The real server, as a process of its own, and people who use it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from unlatch.testing import EmulatedBrowser, SoftwareAuthenticator

SOURCE = Path(__file__).parents[1] / "src"

#: The command, told by Linux when its parent dies: a test run that is killed leaves no server behind.
PROGRAM = """
import ctypes, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
from unlatch.cli import main
main()
"""

#: Seconds to wait for a program to start or stop. Generous: the machine may be busy.
PATIENCE = 60


class LiveServer:
    """`unlatch serve --port 0` on a data folder; stops by itself at the end of the `with` block."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.log = data.with_name(f"{data.name}.log")
        self.url = ""
        self.ready = ""
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> LiveServer:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.kill()

    @property
    def process(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def start(self, *, port: int = 0) -> None:
        """Start it and wait until it says that it is ready."""
        self._close_output()
        command = [sys.executable, "-c", PROGRAM, "serve", "--port", str(port), "--data", str(self.data)]
        environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self._options], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
        line = self.process.stdout.readline() if self.process.stdout else ""
        if "ready at" not in line:
            raise RuntimeError(f"not ready: {line!r}\n{self.log.read_text(errors='replace')}")
        self.ready = line
        self.url = line.split()[4].rstrip(",")

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ask it to stop and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it without asking, as `kill -9` does."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self._close_output()

    def _close_output(self) -> None:
        if self._process is not None and self._process.stdout:
            self._process.stdout.close()

    def restart(self, *, hard: bool = False) -> None:
        """Stop it and start it again on the same port."""
        port = self.port
        if hard:
            self.kill()
        else:
            code = self.stop()
            if code != 0:
                raise RuntimeError(f"stopped with exit code {code}")
        self.start(port=port)

    def move_sign_in(self, username: str, by: str) -> None:
        """Have all sign-ins of a person be at another time, as SQLite says it: ``"-11 minutes"``."""
        with closing(sqlite3.connect(self.data / "unlatch.sqlite3", timeout=PATIENCE)) as connection, connection:
            connection.execute(
                "update sessions set created_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', ?) "
                "where user_handle = (select handle from users where username = ?)",
                (by, username),
            )

    def events(self) -> list[dict[str, Any]]:
        """What it logged, line by line."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def event(self, instance: str) -> dict[str, Any]:
        """The log line of one request, named by the `instance` of its problem document."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for event in self.events():
                if event.get("instance") == instance:
                    return event
            time.sleep(0.05)
        raise LookupError(instance)


class Person:
    """Somebody with a browser (cookies) and an authenticator."""

    def __init__(self, server: LiveServer, authenticator: SoftwareAuthenticator | None = None) -> None:
        # verify: plain http needs no certificates, and loading them is most of what making a client costs.
        self.http = httpx.Client(base_url=server.url, headers={"origin": server.url}, timeout=PATIENCE, verify=False)
        self.browser = EmulatedBrowser(server.url, authenticator)

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *exception: object) -> None:
        self.http.close()

    def post(self, path: str, body: object) -> httpx.Response:
        return self.http.post(path, json=body)

    def begin(self, path: str, body: object) -> dict[str, Any]:
        """Begin a ceremony: its id and options."""
        answer = self.post(path, body)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return answer.json()

    def begin_sign_up(self, username: str) -> dict[str, Any]:
        """Begin to sign up; the body for the finish."""
        begun = self.begin("/v1/registration/options", {"username": username, "display_name": "A person"})
        return {"ceremony_id": begun["ceremony_id"], "credential": self.browser.create(begun["options"])}

    def begin_add(self) -> dict[str, Any]:
        """Begin to add a passkey; the body for the finish."""
        begun = self.begin("/v1/registration/options", {})
        return {"ceremony_id": begun["ceremony_id"], "credential": self.browser.create(begun["options"])}

    def begin_sign_in(self, **choices: Any) -> dict[str, Any]:
        """Begin to sign in; the body for the finish."""
        begun = self.begin("/v1/authentication/options", {})
        return {"ceremony_id": begun["ceremony_id"], "credential": self.browser.get(begun["options"], **choices)}

    def sign_up(self, username: str) -> httpx.Response:
        return self.post("/v1/registration/verify", self.begin_sign_up(username))

    def add_passkey(self) -> httpx.Response:
        return self.post("/v1/registration/verify", self.begin_add())

    def sign_in(self, **choices: Any) -> httpx.Response:
        return self.post("/v1/authentication/verify", self.begin_sign_in(**choices))

    def sign_out(self) -> httpx.Response:
        return self.post("/v1/session/logout", {})

    def username(self) -> str | None:
        """Who the server says is signed in."""
        user = self.http.get("/v1/session").json()["user"]
        return None if user is None else user["username"]

    def passkeys(self) -> list[dict[str, Any]]:
        return self.http.get("/v1/passkeys").json()["passkeys"]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem document, after looking at its form."""
    if answer.headers["content-type"] != "application/problem+json":
        raise ValueError(f"no problem document: {answer.status_code} {answer.text!r}")
    document = answer.json()
    if set(document) != {"type", "title", "status", "detail", "code", "instance"}:
        raise ValueError(f"not these members: {document}")
    if document["status"] != answer.status_code:
        raise ValueError(f"{answer.status_code} in the head, {document['status']} in the body")
    return answer.status_code, document["code"]
