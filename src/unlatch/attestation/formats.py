"""The table of attestation statement formats: a value, not a registry that imports fill.

Each format is loaded with the first statement of it: most relying parties see `none` alone.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from unlatch.attestation import compound, none
from unlatch.attestation.statement import STATEMENT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from unlatch.attestation.rules import StatementRules
    from unlatch.attestation.statement import AttestationResult, Procedure
    from unlatch.wire import cbor
    from unlatch.wire.authenticator_data import AuthenticatorData


def _packed() -> Procedure:
    from unlatch.attestation import packed

    return packed.verify


def _tpm() -> Procedure:
    from unlatch.attestation import tpm

    return tpm.verify


def _android_key() -> Procedure:
    from unlatch.attestation import android_key

    return android_key.verify


def _android_safetynet() -> Procedure:
    from unlatch.attestation import android_safetynet

    return android_safetynet.verify


def _fido_u2f() -> Procedure:
    from unlatch.attestation import fido_u2f

    return fido_u2f.verify


def _apple() -> Procedure:
    from unlatch.attestation import apple

    return apple.verify


def _later(load: Callable[[], Procedure]) -> Procedure:
    """The procedure that `load` finds, which is called when the procedure is."""

    def verify(
        statement: cbor.Value,
        authenticator_data: AuthenticatorData,
        client_data_hash: bytes,
        *,
        rules: StatementRules,
        path: str = STATEMENT_PATH,
    ) -> AttestationResult:
        return load()(statement, authenticator_data, client_data_hash, rules=rules, path=path)

    return verify


_PLAIN: dict[str, Procedure] = {
    "none": none.verify,
    "packed": _later(_packed),
    "tpm": _later(_tpm),
    "android-key": _later(_android_key),
    "android-safetynet": _later(_android_safetynet),
    "fido-u2f": _later(_fido_u2f),
    "apple": _later(_apple),
}


def select_formats(names: Collection[str]) -> Mapping[str, Procedure]:
    """The procedures of these formats.

    Args:
        names: Format identifiers; unknown ones are left out.

    Returns:
        A frozen table. Its `compound` accepts the other formats of the table inside, and no more.
    """
    table = {name: procedure for name, procedure in _PLAIN.items() if name in names}
    if compound.IDENTIFIER in names:
        table[compound.IDENTIFIER] = compound.procedure(MappingProxyType(dict(table)))
    return MappingProxyType(table)


#: Every format that we know, by its identifier.
FORMATS: Mapping[str, Procedure] = select_formats({*_PLAIN, compound.IDENTIFIER})

#: The formats that are accepted unless a policy says otherwise: all but the retired `android-safetynet`.
DEFAULT_FORMATS: frozenset[str] = frozenset(FORMATS) - {"android-safetynet"}
