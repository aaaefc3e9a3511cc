"""Sending mail."""

from __future__ import annotations

import logging
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

from flask import current_app
from jinja2 import Template

log = logging.getLogger(__name__)
# In a thread, the writing too: how long an answer takes does not tell whether a mail is sent.
sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send(to: str, *, subject: str, template: str, **values: str) -> None:
    """Send a mail with a text and an HTML part, soon."""
    text, html = (current_app.jinja_env.get_template(f"mail/{template}.{kind}") for kind in ("txt", "html"))
    mail = EmailMessage()
    mail["subject"] = subject
    mail["from"] = current_app.config["MAIL_FROM"]
    mail["to"] = to
    sender.submit(_send, mail, text, html, values, current_app.config)


def _send(mail: EmailMessage, text: Template, html: Template, values: dict[str, str], config: dict[str, Any]) -> None:
    mail.set_content(text.render(values))
    mail.add_alternative(html.render(values), subtype="html")
    server = config["MAIL_SERVER"]
    if not server:
        log.info("Set MAIL_SERVER to send this mail:\n%s", mail.get_body(["plain"]))
        return
    try:
        _deliver(mail, config)
    except ssl.SSLCertVerificationError as error:
        log.error(
            "A mail could not be sent: the certificate of the mail server %s is not trusted (%s). If an authority of"
            " your own has signed it, name the file with that authority's certificate in MAIL_CA_FILE.",
            server,
            error.verify_message,
        )
    except Exception:
        log.exception("A mail could not be sent.")  # nobody else hears of what happens in this thread


def _deliver(mail: EmailMessage, config: dict[str, Any]) -> None:
    with smtplib.SMTP(config["MAIL_SERVER"], int(config["MAIL_PORT"]), timeout=20) as server:
        if config["MAIL_STARTTLS"] != "false":  # a server without STARTTLS is an error: nothing goes in the clear
            server.starttls(context=ssl.create_default_context(cafile=config["MAIL_CA_FILE"] or None))
        if config["MAIL_USERNAME"]:
            server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
        server.send_message(mail)
