"""Every error that `unlatch` raises, in one tree.

```
UnlatchError
├── Malformed         the bytes or the JSON are not what the specification says   (HTTP 400)
├── Refused           well-formed, but a step of the ceremony or a policy says no (HTTP 4xx)
│   ├── ClientDataRefused           type, challenge, origin, framing
│   ├── AuthenticatorDataRefused    RP ID hash, flags, algorithm
│   ├── AttestationRefused          statement not sound, or not trusted
│   ├── CredentialRefused           unknown, foreign, duplicate; bad signature; counter
│   ├── ExtensionRefused            an output that was not asked for, or is less than asked
│   └── CeremonyRefused             state expired, used, of another kind or session
├── Unavailable       a store did not answer; nothing was decided                 (HTTP 503)
└── Misconfigured     the relying party itself is set up wrongly                  (HTTP 500)
```

Two audiences read an error. `str(error)` is the public sentence of its code (`unlatch.codes`): it names no value
and is safe to show. `detail`, `expected` and `received` are for the log of the relying party alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from unlatch.codes import Code, PublicCode

if TYPE_CHECKING:
    from unlatch.terms import CeremonyKind


class UnlatchError(Exception):
    """The root: catch this to catch everything that this package raises on purpose.

    Attributes:
        code: Stable, machine-readable name of what went wrong.
        status_hint: HTTP status that fits the error.
        detail: What happened, in words for the log; may quote the input. Never show it to the client.
    """

    def __init__(self, code: PublicCode, *, detail: str = "") -> None:
        super().__init__(code.message)
        self.code = code
        self.detail = detail

    @property
    def status_hint(self) -> int:
        """HTTP status that fits this error."""
        return self.code.status_hint

    def evidence(self) -> dict[str, Any]:
        """Everything that a log line should hold, as plain JSON-able data."""
        return {"code": str(self.code), "detail": self.detail}


class Malformed(UnlatchError):
    """The input breaks the format that the specification (or RFC) prescribes.

    Attributes:
        path: Where in the input, for example ``response.attestationObject.authData``.
    """

    def __init__(self, code: Code, path: str, detail: str = "") -> None:
        super().__init__(code, detail=detail)
        self.path = path

    def evidence(self) -> dict[str, Any]:
        """As `UnlatchError.evidence`, with the path of the offending input."""
        return {**super().evidence(), "path": self.path}


class Refused(UnlatchError):
    """A well-formed response that a step of the ceremony does not accept.

    Attributes:
        step: ``"<ceremony>.<slug>"``, a row of `unlatch.steps.table`; the bare slug until a ceremony has named itself.
        expected: What the step wanted (for the log).
        received: What it met (for the log).
    """

    def __init__(
        self, code: Code, step: str, *, expected: object = None, received: object = None, detail: str = ""
    ) -> None:
        super().__init__(code, detail=detail)
        self.step = step
        self.expected = expected
        self.received = received

    def during(self, ceremony: CeremonyKind) -> Self:
        """Name the ceremony in which the step refused: ``challenge`` becomes ``registration.challenge``."""
        if "." not in self.step:
            self.step = f"{ceremony}.{self.step}"
        return self

    def evidence(self) -> dict[str, Any]:
        """As `UnlatchError.evidence`, with the step and both sides of the comparison."""
        return {
            **super().evidence(),
            "step": self.step,
            "expected": printable(self.expected),
            "received": printable(self.received),
        }


class ClientDataRefused(Refused):
    """`type`, `challenge`, `origin`, `crossOrigin` or `topOrigin` is not what the ceremony expects."""


class AuthenticatorDataRefused(Refused):
    """RP ID hash, flags or credential algorithm are not what the ceremony expects."""


class AttestationRefused(Refused):
    """The attestation statement is not sound, or its trust is not enough for the policy."""


class CredentialRefused(Refused):
    """The credential is unknown, another user's, already registered, or its signature does not verify."""


class ExtensionRefused(Refused):
    """An extension output breaks what was asked for or what the policy allows."""


class CeremonyRefused(Refused):
    """The ceremony itself cannot be finished: expired, already used, other kind or other session."""


class Unavailable(UnlatchError):
    """A store could not be reached or did not answer in time; nothing was accepted, a retry may help."""


class Misconfigured(UnlatchError):
    """The relying party is set up in a way that cannot work or is not safe; `detail` says what to change."""

    def __init__(self, detail: str) -> None:
        super().__init__(Code.MISCONFIGURED, detail=detail)

    def __str__(self) -> str:
        # Read by the operator, never by a client: the advice is the message.
        return self.detail


#: A certificate may hold an integer of kilobytes, which Python refuses to write in decimal (and so does `json`).
_MAX_INTEGER_BITS = 64


def printable(value: object) -> object:
    """For a log: bytes and giant integers as hex, collections as lists of printable things, the rest as its `repr`."""
    if type(value) is int and value.bit_length() > _MAX_INTEGER_BITS:
        return hex(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [printable(item) for item in value]
    return repr(value)
