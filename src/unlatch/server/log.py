"""One JSON object a line on standard error. Secrets (tokens, challenges, keys) never come here."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from unlatch.adapters.http.log import event, failure

__all__ = ["JsonLines", "event", "failure", "start_logging"]


_encode = json.JSONEncoder(default=str).encode


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: time, level, event, and the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", None) or record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line.update(fields)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _encode(line)


def start_logging() -> None:
    """Send this server's events, and uvicorn's warnings, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name, level in (("unlatch", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
