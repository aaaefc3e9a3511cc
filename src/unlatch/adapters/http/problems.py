"""Errors as they leave an HTTP interface: problem documents (RFC 9457), and what of an error may leave it.

The public answer holds a stable code and a sentence. What really happened (the step, what was expected, what came)
goes to the log under the request's id, which the answer carries as its `instance`.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TypedDict

from unlatch.adapters.http import log
from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.codes import Code, PublicCode
from unlatch.errors import Malformed, Refused, Unavailable, UnlatchError
from unlatch.terms import CeremonyKind

MEDIA_TYPE = "application/problem+json"

#: Seconds after which a client may try again when the store did not answer.
RETRY_AFTER = 2


class ProblemDocument(TypedDict):
    """The members of a problem document, in the words of RFC 9457, and our `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem on its way out.

    Attributes:
        status: HTTP status.
        code: Stable code.
        title: The code's sentence.
        detail: A sentence for this case.
        instance: Names the request in the log.
    """

    status: int
    code: str
    title: str
    detail: str
    instance: str = field(default_factory=lambda: f"urn:unlatch:request:{secrets.token_hex(8)}")

    @classmethod
    def of(cls, code: PublicCode, detail: str = "") -> Problem:
        """The problem that a code stands for."""
        return cls(status=code.status_hint, code=str(code), title=code.message, detail=detail or code.message)

    def document(self) -> ProblemDocument:
        """The JSON object."""
        return {
            "type": f"urn:unlatch:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "instance": self.instance,
        }

    def body(self) -> bytes:
        """The JSON text."""
        return json.dumps(self.document()).encode()

    def headers(self, *, realm: str) -> list[tuple[str, str]]:
        """The header fields that go with the status (the body's own fields included)."""
        fields = [("content-type", MEDIA_TYPE)]
        if self.status == 401:  # RFC 9110 section 11.6.1 wants a challenge; sessions are cookies here.
            fields.append(("www-authenticate", f'Cookie realm="{realm}"'))
        if self.status == 503:
            fields.append(("retry-after", str(RETRY_AFTER)))
        return fields


def problem_of(error: Exception, *, where: str) -> Problem:
    """Log an error with all its evidence and return what the client may know of it.

    Args:
        error: What was raised.
        where: Method and path, for the log.
    """
    if isinstance(error, Rejected):
        problem = Problem.of(error.code, error.detail)
        log.event("rejected", code=problem.code, detail=problem.detail, where=where, instance=problem.instance)
        return problem
    if isinstance(error, (Refused, Malformed, Unavailable)):
        problem = Problem.of(_public_code(error))
        level = "unavailable" if isinstance(error, Unavailable) else "refused"
        log.event(level, public_code=problem.code, where=where, instance=problem.instance, **error.evidence())
        return problem
    problem = Problem.of(HttpCode.INTERNAL)
    evidence = error.evidence() if isinstance(error, UnlatchError) else {}
    log.failure("internal_error", error, where=where, instance=problem.instance, **evidence)
    return problem


def _public_code(error: UnlatchError) -> PublicCode:
    """One code for every way in which a sign-in fails, so that nobody learns which accounts or passkeys exist.

    Two answers stand apart because they say nothing about either: that the ceremony is over or was never begun, which
    is found before any passkey is looked up, and a counter that went back, which is judged only after the signature
    was found good.
    """
    if isinstance(error, Refused) and error.step.startswith(f"{CeremonyKind.AUTHENTICATION}."):
        return error.code if error.code in _TELLABLE else HttpCode.NOT_VERIFIED
    return error.code


_TELLABLE = frozenset(
    {
        Code.CEREMONY_UNKNOWN,
        Code.CEREMONY_EXPIRED,
        Code.CEREMONY_USED,
        Code.CEREMONY_SEAL,
        Code.SIGN_COUNT_REGRESSED,
    }
)
