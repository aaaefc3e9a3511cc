"""Trust anchors: which certificates the relying party trusts, and for what (step 23 of section 7.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from unlatch.errors import Malformed, Misconfigured
from unlatch.terms import ZERO_AAGUID
from unlatch.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unlatch.crypto.certificates import Certificate
    from unlatch.crypto.revocation import RevocationList
    from unlatch.wire.authenticator_data import AttestedCredentialData

#: The format whose signature does not cover the AAGUID (section 8.6): its devices have none, so it is zero.
UNSIGNED_AAGUID = "fido-u2f"

_AAGUID_LENGTH = 16


@frozen
class AnchorSelection:
    """The anchors for one statement.

    Attributes:
        anchors: Certificates that are trusted as they are.
        intermediates: Certificates that may lie between `x5c` and an anchor; they need a valid path themselves.
        revocation_lists: Lists of revoked certificates; they count beside those of the policy.
    """

    anchors: tuple[Certificate, ...] = ()
    intermediates: tuple[Certificate, ...] = ()
    revocation_lists: tuple[RevocationList, ...] = ()


class AnchorSource(Protocol):
    """Whoever knows anchors: a list of the relying party, or authenticator metadata."""

    def select(
        self, statement_format: str, attested: AttestedCredentialData, chain: Sequence[Certificate]
    ) -> AnchorSelection:
        """The anchors for this statement; empty where the source knows none.

        Args:
            statement_format: Identifier of the attestation statement format.
            attested: The credential, with its AAGUID.
            chain: The certificates of the statement, the attestation certificate first.
        """


@frozen(kw_only=True)
class TrustAnchors:
    """A fixed list of anchors.

    Attributes:
        certificates: DER, or PEM with one certificate or several.
        intermediates: Likewise; offered where `x5c` stops short of an anchor.
        crls: Lists of revoked certificates, DER or PEM. What they list is refused; whether every certificate needs a
            current list is for `AttestationPolicy.revocation` to say.
        formats: The formats that the anchors count for; None for all.
        aaguids: The authenticator models that the anchors count for, 16 bytes each; None for all. U2F devices have
            the zero AAGUID; another one in a `fido-u2f` statement is signed by nobody, and finds nothing here.
    """

    certificates: Collection[bytes | str]
    intermediates: Collection[bytes | str] = ()
    crls: Collection[bytes | str] = ()
    formats: Collection[str] | None = None
    aaguids: Collection[bytes] | None = None
    _selection: AnchorSelection = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read every certificate once.

        Raises:
            Misconfigured: No certificate, a certificate or list that cannot be read, or an AAGUID that is not 16 bytes.
        """
        from unlatch.crypto.revocation import read_revocation_lists

        for name in ("certificates", "intermediates", "crls", "formats", "aaguids"):
            if getattr(self, name) is not None or name not in ("formats", "aaguids"):
                object.__setattr__(self, name, listed(getattr(self, name), f"TrustAnchors.{name}"))
        anchors = _read_all(self.certificates, "certificates")
        if not anchors:
            raise Misconfigured("TrustAnchors.certificates is empty; give at least one certificate, DER or PEM")
        for aaguid in self.aaguids or ():
            expect_aaguid_bytes(aaguid, "TrustAnchors.aaguids")
        intermediates = _read_all(self.intermediates, "intermediates")
        lists = read_revocation_lists(self.crls, "TrustAnchors.crls")
        selection = AnchorSelection(anchors, intermediates, lists)
        object.__setattr__(self, "_selection", selection)

    def select(
        self,
        statement_format: str,
        attested: AttestedCredentialData,
        chain: Sequence[Certificate],  # noqa: ARG002  # other sources look at it
    ) -> AnchorSelection:
        """All of them if format and AAGUID are covered, none otherwise; see `AnchorSource`."""
        if self.formats is not None and statement_format not in self.formats:
            return AnchorSelection()
        if self.aaguids is not None:
            model = attested.aaguid
            if model not in self.aaguids or (statement_format == UNSIGNED_AAGUID and model != ZERO_AAGUID):
                return AnchorSelection()
        return self._selection


def expect_aaguid_bytes(aaguid: object, where: str) -> None:
    """Refuse a configured AAGUID that can never match.

    Raises:
        Misconfigured: Not 16 bytes.
    """
    if not isinstance(aaguid, bytes) or len(aaguid) != _AAGUID_LENGTH:
        raise Misconfigured(f"{where} holds {aaguid!r}; give 16 bytes (uuid.UUID(text).bytes)")


def listed(value: object, name: str) -> tuple[Any, ...]:
    """A tuple of what a configuration lists, taken once: an iterator that is read twice would be empty by then.

    Raises:
        Misconfigured: Something else than a list, or a lone text that would become its letters.
    """
    if isinstance(value, (bytes, str)) or not isinstance(value, Iterable):
        raise Misconfigured(f"{name} is a list; give a list also where it holds only one, not {type(value).__name__}")
    return tuple(value)


def _read_all(certificates: Collection[bytes | str], name: str) -> tuple[Certificate, ...]:
    from unlatch.crypto.certificates import parse_certificate
    from unlatch.crypto.pem import decode_pem

    found: list[Certificate] = []
    for index, item in enumerate(certificates):
        where = f"TrustAnchors.{name}[{index}]"
        try:
            for encoded in decode_pem(item, "CERTIFICATE", where):
                certificate = parse_certificate(encoded, where)
                certificate.public_key()
                found.append(certificate)
        except Malformed as malformed:
            raise Misconfigured(f"{where} is not a certificate in DER or PEM: {malformed.detail}") from None
    return tuple(found)
