"""Compound (section 8.9): several statements about one credential."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unlatch.attestation.rules import CompoundRule
from unlatch.attestation.statement import STATEMENT_PATH, AttestationResult, Procedure, read_members, refuse
from unlatch.codes import Code
from unlatch.errors import AttestationRefused, Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unlatch.attestation.rules import StatementRules
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData

IDENTIFIER = "compound"
#: Far more than the formats there are; each one costs signatures.
MAX_STATEMENTS = 8

_REQUIRED = frozenset(("fmt", "attStmt"))


def procedure(formats: Mapping[str, Procedure]) -> Procedure:
    """The procedure of `compound` over a table of formats.

    Args:
        formats: The formats that may occur inside; a compound inside a compound may not.
    """

    def verify(
        statement: cbor.Value,
        authenticator_data: AuthenticatorData,
        client_data_hash: bytes,
        *,
        rules: StatementRules,
        path: str = STATEMENT_PATH,
    ) -> AttestationResult:
        """Verify a `compound` statement; see `unlatch.attestation.statement.Procedure`."""
        components: list[tuple[str, AttestationResult]] = []
        refusal: AttestationRefused | None = None
        # The shape of the whole is judged first, whatever the rule says about the parts.
        for where, name, inner in _elements(statement, path):
            try:
                verify_inner = formats.get(name)
                if verify_inner is None:
                    raise refuse(
                        Code.FORMAT_NOT_SUPPORTED, f"{where} is of a format that is not accepted", received=name
                    )
                result = verify_inner(inner, authenticator_data, client_data_hash, rules=rules, path=f"{where}.attStmt")
            except AttestationRefused as refused:
                if rules.compound is CompoundRule.ALL:
                    raise
                refusal = refused
            else:
                components.append((name, result))
        if not components and refusal is not None:
            raise refusal
        first = components[0][1]
        return AttestationResult(first.type, first.chain, tuple(components))

    return verify


def _elements(statement: cbor.Value, path: str) -> list[tuple[str, str, cbor.Value]]:
    """Path, format and statement of each element.

    Raises:
        Malformed: Not an array of at least two maps of `fmt` and `attStmt`, or a compound inside.
    """
    if not isinstance(statement, list) or not 2 <= len(statement) <= MAX_STATEMENTS:
        raise Malformed(Code.ATTESTATION_STATEMENT, path, f"expected an array of 2 to {MAX_STATEMENTS} statements")
    elements: list[tuple[str, str, cbor.Value]] = []
    for index, element in enumerate(statement):
        where = f"{path}[{index}]"
        members = read_members(element, where, required=_REQUIRED)
        name = members["fmt"]
        if not isinstance(name, str) or name == IDENTIFIER:
            raise Malformed(Code.ATTESTATION_STATEMENT, f"{where}.fmt", "the name of a format other than compound")
        elements.append((where, name, members["attStmt"]))
    return elements
