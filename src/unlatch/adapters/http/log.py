"""Events for the log of whoever runs the interface. Secrets (tokens, challenges, keys) never come here.

An event is a log record of the logger ``unlatch.http`` with its name in `record.event` and its fields in
`record.fields`; a plain formatter shows both in the message.
"""

from __future__ import annotations

import logging

_LOGGER = logging.getLogger("unlatch.http")


def event(name: str, **fields: object) -> None:
    """Log that something happened."""
    if _LOGGER.isEnabledFor(logging.INFO):
        # Not `_LOGGER.info`, which looks for the place in the code that logs: that would always be this one.
        record = logging.getLogRecordFactory()(_LOGGER.name, logging.INFO, "", 0, "%s %s", (name, fields), None)
        record.event, record.fields = name, fields
        _LOGGER.handle(record)


def failure(name: str, error: BaseException, **fields: object) -> None:
    """Log that something broke, with its traceback."""
    _LOGGER.error("%s %s", name, fields, extra={"event": name, "fields": fields}, exc_info=error)
