"""A mail server on loopback that keeps what it is given."""

from __future__ import annotations

import queue
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from example_apps import free_port


class Mailbox:
    """Everything that was sent, oldest first."""

    def __init__(self) -> None:
        self.port = free_port()
        self._mails: queue.Queue[EmailMessage] = queue.Queue()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the name in aiosmtpd
        self._mails.put(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 OK"

    def next(self) -> EmailMessage:
        """Wait for the next mail and take it out."""
        return self._mails.get(timeout=20)

    def is_empty(self) -> bool:
        return self._mails.empty()


@contextmanager
def mailbox(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """A mailbox while its server runs; with a TLS context it takes mail after STARTTLS alone."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=box.port, tls_context=tls, require_starttls=tls is not None)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
