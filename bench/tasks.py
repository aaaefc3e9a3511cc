"""What is measured: one task a row, as plain values that a worker in any environment understands.

- A sign-in and a registration: given the JSON text of the page, challenge, origin, RP ID, and the stored key and
  counter, everybody parses, checks and verifies.
- Options: given a user, one known passkey and an algorithm, everybody draws a challenge, makes the options and writes
  them as JSON text. Ours makes the ceremony's state as well, for that is one call.
- State: a ceremony that has begun goes to JSON text and back.

Everybody asks for user verification and, where there is one, follows the attestation to the same root.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from unlatch.cli.bench.ceremonies import ORIGIN, ROWS, RP_ID, Recorded, possible, record_ceremony
from unlatch.wire import base64url

#: Rows that are no ceremony: name, kind.
OTHERS = {
    "registration options": "registration options",
    "authentication options": "authentication options",
    "ceremony state": "state",
}
NAMES = (*(row.name for row in ROWS), *OTHERS)


def tasks(names: tuple[str, ...] = NAMES) -> Iterator[dict[str, Any]]:
    """A fresh task for each row: ceremonies are over ten minutes after they began.

    Args:
        names: The wanted rows.
    """
    for row in ROWS:
        if row.name in names and possible(row):
            yield task_of(record_ceremony(row))
    for name, kind in OTHERS.items():
        if name in names:
            yield {**task_of(record_ceremony(ROWS[0])), "row": name, "kind": kind}


def task_of(recorded: Recorded) -> dict[str, Any]:
    """One ceremony as a task."""
    return {
        "row": recorded.row.name,
        "kind": str(recorded.row.kind),
        "algorithm": recorded.row.algorithm,
        "format": recorded.row.format,
        "rp_id": RP_ID,
        "origin": ORIGIN,
        "body": recorded.body.decode(),
        "challenge": base64url.encode(recorded.state.challenge),
        "credential_id": base64url.encode(recorded.record.id),
        "public_key": base64url.encode(recorded.record.public_key),
        "sign_count": recorded.record.sign_count,
        "anchors": [base64url.encode(anchor) for anchor in recorded.anchors],
        "state": _text(recorded.state.to_json()),
        "record": _text(recorded.record.to_json()),
        "recorded": recorded.to_json(),
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
