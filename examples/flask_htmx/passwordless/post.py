"""Sending mail."""

from __future__ import annotations

import logging
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

from flask import current_app, render_template

log = logging.getLogger(__name__)
# In a thread: how long an answer takes does not tell whether a mail was sent.
_sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send(to: str, *, subject: str, template: str, **values: Any) -> None:
    """Send a mail with a text and an HTML part, soon."""
    mail = EmailMessage()
    mail["subject"] = subject
    mail["from"] = current_app.config["MAIL_FROM"]
    mail["to"] = to
    mail.set_content(render_template(f"mail/{template}.txt", **values))
    mail.add_alternative(render_template(f"mail/{template}.html", **values), subtype="html")
    _sender.submit(_deliver, mail, dict(current_app.config))


def _deliver(mail: EmailMessage, config: dict[str, Any]) -> None:
    if not config["MAIL_SERVER"]:
        log.info("Set MAIL_SERVER to send this mail:\n%s", mail.get_body(["plain"]))
        return
    try:
        with smtplib.SMTP(config["MAIL_SERVER"], int(config["MAIL_PORT"]), timeout=20) as server:
            if config["MAIL_STARTTLS"] == "true":
                server.starttls(context=ssl.create_default_context())
            if config["MAIL_USERNAME"]:
                server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
            server.send_message(mail)
    except (smtplib.SMTPException, OSError):
        log.exception("A mail could not be sent.")
