"""A client that costs little: many people sign in at once, in one process without threads.

    python -m bench.load.client URL --clients 8 --seconds 5

What never changes is made once; for each sign-in it signs one challenge. A sign-in is two requests on one connection,
and its time is that of both answers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import selectors
import socket
import sys
import time
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from bench.sign_ins import Visitor

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=;\s]+)=([^;\r]*)", re.IGNORECASE)
_CHALLENGE = re.compile(rb'"challenge": ?"([\w-]+)"')
_CEREMONY = re.compile(rb'"ceremony_id": ?"([^"]+)"')


@dataclass(frozen=True, slots=True)
class Counted:
    """What was found.

    Attributes:
        count: Sign-ins.
        seconds: In which they were made.
        p50: Milliseconds in which half of them were answered.
        p99: All but one in a hundred.
    """

    count: int
    seconds: float
    p50: float
    p99: float


class Person:
    """One connection with one passkey: asks for options, signs, and again."""

    def __init__(self, url: str, name: str) -> None:
        visitor = Visitor(url, name)
        (credential,) = visitor.credentials
        self._origin, self._key = url, credential.key
        site = urlsplit(url)
        self._host = site.netloc
        # User present and verified; a passkey that is kept in step has no counter.
        self._data = sha256(str(site.hostname).encode()).digest() + b"\x05" + bytes(4)
        self._id, self._user = _text(credential.id), _text(credential.user_handle)
        self._data_text = _text(self._data)
        self._cookies = visitor.lasting_cookies
        self._buffer = b""
        self.socket = visitor.release()
        self.started = self.waited = 0.0
        self.wants_options = True

    def begin(self) -> None:
        """Ask for options, as somebody who is not signed in."""
        self._cookies = {name: value for name, value in self._cookies.items() if "visitor" in name}
        self.wants_options, self.waited = True, 0.0
        self._post("/v1/authentication/options", "{}")

    def receive(self) -> bytes | None:
        """Read what came; the whole answer when it is complete.

        Raises:
            RuntimeError: The server refused, or closed the connection.
        """
        part = self.socket.recv(65536)
        self._buffer += part
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if not part or (separator and found is None):
            raise RuntimeError(f"the connection was closed, or has an answer without length: {head!r}")
        if found is None or len(body) < int(found[1]):
            return None
        self._buffer = b""
        self.waited += time.perf_counter() - self.started
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{head!r} {body!r}")
        for name, value in _COOKIE.findall(head):
            self._cookies[name.decode()] = value.decode()
        return body

    def finish(self, options: bytes) -> None:
        """Sign the challenge and send it."""
        challenge, ceremony = _CHALLENGE.search(options), _CEREMONY.search(options)
        if challenge is None or ceremony is None:
            raise RuntimeError(f"these are no options: {options!r}")
        client_data = (
            f'{{"type":"webauthn.get","challenge":"{challenge[1].decode()}","origin":"{self._origin}",'
            '"crossOrigin":false}'
        ).encode()
        signature = self._key.sign(self._data + sha256(client_data).digest())
        self.wants_options = False
        self._post(
            "/v1/authentication/verify",
            f'{{"ceremony_id":"{ceremony[1].decode()}","credential":{{"id":"{self._id}","rawId":"{self._id}",'
            f'"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{{}},"response":{{'
            f'"clientDataJSON":"{_text(client_data)}","authenticatorData":"{self._data_text}",'
            f'"signature":"{_text(signature)}","userHandle":"{self._user}"}}}}}}',
        )

    def _post(self, path: str, body: str) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        request = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nOrigin: {self._origin}\r\n"
            f"Content-Type: application/json\r\nCookie: {cookies}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        self.started = time.perf_counter()
        self.socket.sendall(request.encode())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def register(url: str, clients: int) -> list[Person]:
    """So many people with an account and a connection each."""
    return [Person(url, f"p{os.getpid()}-{number}-{time.time_ns()}") for number in range(clients)]


def visit(people: list[Person], seconds: float) -> Counted:
    """Have these people sign in, again and again, for so long."""
    waited: list[float] = []
    with selectors.DefaultSelector() as selector:
        for person in people:
            selector.register(person.socket, selectors.EVENT_READ, person)
            person.begin()
        start = time.perf_counter()
        end = start + seconds
        busy = len(people)
        while busy:
            for key, _ in selector.select(30) or _silence():
                person = key.data
                body = person.receive()
                if body is None:
                    continue
                if person.wants_options:
                    person.finish(body)
                    continue
                waited.append(person.waited)
                if time.perf_counter() < end:
                    person.begin()
                else:
                    busy -= 1
        taken = time.perf_counter() - start
    for person in people:
        person.socket.close()
    waited.sort()
    return Counted(
        count=len(waited),
        seconds=taken,
        p50=1000 * waited[len(waited) // 2],
        p99=1000 * waited[len(waited) * 99 // 100],
    )


def _silence() -> list[tuple[selectors.SelectorKey, int]]:
    raise RuntimeError("the server has not answered for 30 seconds")


def main() -> None:
    """Register, say so, wait for a line, visit, and print what was found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.load.client")
    parser.add_argument("url")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5)
    chosen = parser.parse_args()
    socket.setdefaulttimeout(60)
    people = register(chosen.url, chosen.clients)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asdict(visit(people, chosen.seconds))))


if __name__ == "__main__":
    main()
