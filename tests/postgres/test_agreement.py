"""Honest clients are accepted and each fault is refused in SQL too: both backends and the Python library agree.

A fault outside of what the four functions are given (the envelope, extension results) is one that they cannot see.
So the library judges what they see, and they must say the same: accepted, or refused with the same code and step.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

import psycopg

from fault_scenes import ADA, relying_party
from postgres.databases import Caller, pem
from unlatch import CredentialRecord, Malformed, Refused
from unlatch.postgres.script import Backend
from unlatch.terms import CeremonyKind
from unlatch.testing import FAULTS, ODDITIES, Deviation, EmulatedBrowser, SoftwareAuthenticator
from unlatch.testing.faults.fault import Fault
from unlatch.testing.keys import credential_algorithms
from unlatch.testing.statements import MAKERS

#: What the sql backend refuses by name, whatever else is right or wrong with it.
BEYOND_SQL = frozenset(("attestation_format_not_supported", "algorithm_not_offered"))
#: An empty id or signature, a user handle of 65 bytes: well, these are not those of anybody.
AS_GOOD_AS_MALFORMED = frozenset(
    ("malformed_credential_id", "credential_unknown", "signature_invalid", "user_handle_mismatch")
)
IN_SQL = frozenset((-7, -8, -9, -19, -257))


@dataclass
class Person:
    """Somebody with an authenticator, known to the library and to the database."""

    caller: Caller
    authenticator: SoftwareAuthenticator

    def __post_init__(self) -> None:
        self.browser = EmulatedBrowser("https://example.org", self.authenticator)
        self.rp = relying_party(self.authenticator, self.authenticator.algorithms[0], user_verification="required")
        attested = self.authenticator.attestation != "none"
        # The library's policy takes what leads to the root, and self attestation.
        trust = {"none": "none", "packed-self": "self", "compound": "self"}
        self.caller.configure(
            algorithms=[self.authenticator.algorithms[0]],
            trust_anchors=[pem(anchor) for anchor in self.authenticator.trust_anchors] if attested else [],
            required_trust=trust.get(self.authenticator.attestation, "anchored"),
        )
        self.conveyance = "direct" if attested else "none"

    def sign_up(self, fault: Deviation | None = None) -> tuple[Any, Any, Any]:
        """The verdicts of the library and of the database on one registration, and what was answered."""
        challenge = secrets.token_bytes(32)
        begun = self.rp.begin_registration(ADA, challenge=challenge)
        self.caller.begin_sign_up(
            "ada", ADA.id, challenge=challenge, user_verification="required", attestation=self.conveyance
        )
        seen = _seen(
            self.browser.create_body(begun.options.to_json(), fault=fault), ("clientDataJSON", "attestationObject")
        )
        if seen is None:
            return None, None, None
        return (
            _verdict(lambda: self.rp.finish_registration(begun.state, seen)),
            self._sql(self.caller.store, seen),
            seen,
        )

    def sign_in(self, record: CredentialRecord, fault: Deviation | None = None) -> tuple[Any, Any]:
        """As `sign_up`, for a sign-in without a user name."""
        challenge = secrets.token_bytes(32)
        begun = self.rp.begin_authentication(challenge=challenge)
        self.caller.begin_sign_in(None, challenge=challenge, user_verification="required")
        body = self.browser.get_body(begun.options.to_json(), fault=fault)
        seen = _seen(body, ("clientDataJSON", "authenticatorData", "signature"), "userHandle")
        if seen is None:
            return None, None
        return (
            _verdict(lambda: self.rp.finish_authentication(begun.state, seen, record)),
            self._sql(self.caller.verify, seen),
        )

    def _sql(self, finish: Any, seen: dict[str, Any]) -> Any:
        try:
            with self.caller.connection.transaction(force_rollback=True):
                answer = finish(seen)
        except psycopg.Error as error:
            state = error.sqlstate or ""
            if state.startswith("22") or state == "WA003":
                return "malformed"
            return self.caller.last_error()
        return "accepted" if answer == ADA.id else self.caller.last_error()


def _seen(body: bytes, required: tuple[str, ...], *optional: str) -> dict[str, Any] | None:
    """What a caller passes on; None where a member is not there, so that nothing could be called."""
    try:
        value = json.loads(body)
        response = {name: value["response"][name] for name in required}
        response |= {name: value["response"].get(name) for name in optional}
        seen = {"id": value["id"], "type": value["type"], "response": response}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    texts = [seen["id"], seen["type"], *(text for text in response.values() if text is not None)]
    if not all(isinstance(text, str) and "\0" not in text and text.isprintable() for text in texts):
        return None
    return seen if seen["type"] == "public-key" else None


def _verdict(finish: Any) -> Any:
    try:
        finish()
    except Malformed as error:
        # An id that is not the attested one has the name of a CHECK.
        return (str(error.code), None) if error.path == "rawId" else "malformed"
    except Refused as error:
        return str(error.code), error.step
    return "accepted"


def _agree(library: Any, sql: Any, *, beyond: bool = False) -> bool:
    """Whether two verdicts are one.

    A challenge is what a database looks for, so another one is not there. What is malformed may have the name of a
    CHECK or be unknown. And what the sql backend does not know it refuses by name, before it looks closer.
    """
    if library == sql:
        return True
    if sql == "accepted" or (library == "accepted" and not beyond):
        return False
    code = "malformed" if sql == "malformed" else sql[0]
    if library == "malformed":
        return code in AS_GOOD_AS_MALFORMED or code in BEYOND_SQL
    if beyond:
        return code in BEYOND_SQL or code == "malformed"
    return library[0] == "challenge_mismatch" and code in ("ceremony_unknown", "malformed")


def _first(fault: Deviation) -> tuple[str, int]:
    """A format and an algorithm in which the fault exists, the simplest first."""
    attestation = min(fault.formats or {"none"}, key=lambda name: (name not in ("none", "packed-self"), name))
    possible = set(fault.algorithms or {-7})
    attestable = MAKERS[attestation].algorithms
    return attestation, max(
        possible if attestable is None else possible & attestable, key=lambda number: number in IN_SQL
    )


def test_registrations(caller: Caller, backend: Backend) -> None:
    disagreed, judged, refused = [], 0, 0
    people: dict[tuple[str, int], Person] = {}
    for fault in (*FAULTS, *ODDITIES):
        if fault.ceremony is not CeremonyKind.REGISTRATION or fault.needs or getattr(fault, "rule", None):
            continue
        attestation, algorithm = setting = _first(fault)
        if backend is Backend.SQL and attestation not in ("none", "packed-self"):
            continue  # refused by name, as is the honest one below
        if setting not in people:
            authenticator = SoftwareAuthenticator(attestation=attestation, algorithms=(algorithm, -7, -8, -35))
            people[setting] = Person(caller, authenticator)
        else:
            people[setting].__post_init__()
        library, sql, seen = people[setting].sign_up(fault)
        if seen is None:
            continue
        judged += 1
        refused += library != "accepted"
        beyond = backend is Backend.SQL and algorithm not in IN_SQL
        if not _agree(library, sql, beyond=beyond):
            disagreed.append((fault.name, attestation, algorithm, library, sql))
    assert not disagreed, "\n".join(map(repr, disagreed))
    assert judged > (200 if backend is Backend.SQL else 400)
    assert refused > judged * 3 / 4


def test_sign_ins(caller: Caller, backend: Backend) -> None:
    disagreed, judged, refused = [], 0, 0
    people: dict[int, tuple[Person, CredentialRecord]] = {}
    for fault in (*FAULTS, *ODDITIES):
        if fault.ceremony is not CeremonyKind.AUTHENTICATION or fault.needs or getattr(fault, "rule", None):
            continue
        algorithm = _first(fault)[1]
        if backend is Backend.SQL and algorithm not in IN_SQL:
            continue  # nobody could have registered with it
        if algorithm not in people:
            person = Person(caller, SoftwareAuthenticator(algorithms=(algorithm,)))
            people[algorithm] = person, _known(person)
        library, sql = people[algorithm][0].sign_in(people[algorithm][1], fault)
        if library is None:
            continue
        judged += 1
        refused += library != "accepted"
        if not _agree(library, sql):
            disagreed.append((fault.name, algorithm, library, sql))
    assert not disagreed, "\n".join(map(repr, disagreed))
    assert judged > 100
    assert refused > 80


def _known(person: Person) -> CredentialRecord:
    """Registered with both."""
    challenge = secrets.token_bytes(32)
    begun = person.rp.begin_registration(ADA, challenge=challenge)
    person.caller.begin_sign_up("ada", ADA.id, challenge=challenge)
    response = person.browser.create(begun.options.to_json())
    assert person.caller.store(response) == ADA.id
    return person.rp.finish_registration(begun.state, response).record


def test_every_kind_of_honest_client(caller: Caller, backend: Backend) -> None:
    for attestation in sorted(MAKERS):
        attestable = MAKERS[attestation].algorithms
        for algorithm in sorted(credential_algorithms()):
            if attestation not in ("none", "packed-self") and algorithm != -7:
                continue
            if attestable is not None and algorithm not in attestable:
                continue
            person = Person(caller, SoftwareAuthenticator(attestation=attestation, algorithms=(algorithm,), counter=5))
            reach = backend is Backend.PLPYTHON or (attestation in ("none", "packed-self") and algorithm in IN_SQL)
            library, sql, _ = person.sign_up()
            assert library == "accepted", (attestation, algorithm)
            assert (sql == "accepted") is reach, (attestation, algorithm, sql)
            assert reach or sql[0] in BEYOND_SQL
            if attestation == "none" and reach:
                record = _known(person)
                assert person.sign_in(record) == ("accepted", "accepted"), algorithm


def test_the_faults_are_faults() -> None:
    """What is counted above as refused would be accepted without the fault."""
    assert all(isinstance(fault, Fault) for fault in FAULTS)
