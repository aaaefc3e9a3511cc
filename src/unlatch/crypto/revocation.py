"""Certificate revocation lists (RFC 5280 sections 5 and 6.3), given by the relying party; nothing is fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from unlatch.codes import Code
from unlatch.crypto.certificate_signatures import is_signed_with
from unlatch.crypto.certificates import (
    Certificate,
    Extension,
    basic_constraints,
    key_usage,
    read_extensions,
    read_signature,
    read_time,
)
from unlatch.crypto.names import is_same_name
from unlatch.crypto.pem import decode_pem
from unlatch.crypto.trust import TRUST_STEP, untrusted
from unlatch.errors import AttestationRefused, Malformed, Misconfigured
from unlatch.values import field, frozen
from unlatch.wire import der

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_CRL_SIGN = 6
_ENTRY_EXTENSIONS, _LIST_EXTENSIONS = 0x30, 0xA0
_ISSUING_DISTRIBUTION_POINT = "2.5.29.28"
_USER_ONLY, _CA_ONLY, _DISTRIBUTION_POINT = 0x81, 0x82, 0xA0


@frozen
class RevocationList:
    """A certificate revocation list, its signature not yet verified.

    Attributes:
        issuer: Name, DER.
        this_update: When it was made, UTC.
        next_update: When its successor is due, UTC; None where it does not say (such a list never is current).
        serial_numbers: Of the revoked certificates, contents of the INTEGER.
        for_users: Whether it covers end-entity certificates.
        for_authorities: Whether it covers certificates of authorities.
        tbs: The signed part, DER.
        signature_algorithm: AlgorithmIdentifier, DER.
        signature: Over `tbs`.
    """

    issuer: bytes
    this_update: datetime
    next_update: datetime | None
    serial_numbers: frozenset[bytes]
    for_users: bool
    for_authorities: bool
    tbs: bytes
    signature_algorithm: bytes
    signature: bytes

    def covers(self, certificate: Certificate, issuer: Certificate) -> bool:
        """Whether the list speaks of this certificate and is the issuer's own work.

        Raises:
            Malformed: Constraints or key usage of a certificate cannot be read.
        """
        constraints = basic_constraints(certificate)
        is_authority = constraints is not None and constraints.ca
        if not is_same_name(self.issuer, certificate.issuer) or not (
            self.for_authorities if is_authority else self.for_users
        ):
            return False
        usage = key_usage(issuer)
        if usage is not None and _CRL_SIGN not in usage:
            return False
        return is_signed_with(issuer.public_key(), self.signature_algorithm, self.signature, self.tbs)

    def is_current(self, now: datetime) -> bool:
        """Whether `now` lies between this update and the next."""
        return self.next_update is not None and self.this_update <= now <= self.next_update


def parse_revocation_list(data: bytes, path: str) -> RevocationList:
    """Read a complete CRL that fills `data`.

    Raises:
        Malformed: Not DER, not a CRL, or one that speaks of a part only: a delta, an indirect list, some reasons, an
            unknown critical extension.
    """
    outer = der.Cursor(der.decode(data, der.SEQUENCE, path).content, path)
    tbs = outer.take(der.SEQUENCE)
    signature_algorithm = outer.take(der.SEQUENCE).raw
    signature = read_signature(outer.take(der.BIT_STRING), path)
    outer.expect_end()

    inner = der.Cursor(tbs.content, path)
    inner.take_optional(der.INTEGER)  # version
    if inner.take(der.SEQUENCE).raw != signature_algorithm:
        raise Malformed(Code.CERTIFICATE, path, "the list names two signature algorithms")
    issuer = inner.take(der.SEQUENCE).raw
    this_update = read_time(inner.next(), path)
    successor = inner.take_optional(der.UTC_TIME) or inner.take_optional(der.GENERALIZED_TIME)
    next_update = None if successor is None else read_time(successor, path)
    serial_numbers = _serial_numbers(inner.take_optional(der.SEQUENCE), path)
    extensions = read_extensions(inner.take_optional(_LIST_EXTENSIONS), path)
    inner.expect_end()
    for_users, for_authorities = _scope(extensions, path)
    return RevocationList(
        issuer=issuer,
        this_update=this_update,
        next_update=next_update,
        serial_numbers=serial_numbers,
        for_users=for_users,
        for_authorities=for_authorities,
        tbs=tbs.raw,
        signature_algorithm=signature_algorithm,
        signature=signature,
    )


def _serial_numbers(element: der.Element | None, path: str) -> frozenset[bytes]:
    """``SEQUENCE OF SEQUENCE { serialNumber, revocationDate, extensions OPTIONAL }``."""
    found: set[bytes] = set()
    if element is None:
        return frozenset(found)
    entries = der.Cursor(element.content, path)
    while not entries.at_end:
        entry = entries.enter(der.SEQUENCE)
        found.add(entry.take(der.INTEGER).content)
        read_time(entry.next(), path)
        extensions = entry.take_optional(_ENTRY_EXTENSIONS)
        entry.expect_end()
        if extensions is not None and any(
            extension.critical for extension in read_extensions(extensions, path, explicit=False).values()
        ):
            # The one critical entry extension there is (certificateIssuer) makes the list indirect.
            raise Malformed(Code.CERTIFICATE, path, "a critical extension of an entry")
    return frozenset(found)


def _scope(extensions: Mapping[str, Extension], path: str) -> tuple[bool, bool]:
    """Whether the list covers (users, authorities); only a list of one whole kind can be used."""
    for identifier, extension in extensions.items():
        if extension.critical and identifier != _ISSUING_DISTRIBUTION_POINT:
            raise Malformed(Code.CERTIFICATE, path, f"the unknown critical extension {identifier}")
    point = extensions.get(_ISSUING_DISTRIBUTION_POINT)
    if point is None:
        return True, True
    fields = der.Cursor(der.decode(point.value, der.SEQUENCE, path).content, path)
    fields.take_optional(_DISTRIBUTION_POINT)
    users_only, authorities_only = fields.take_optional(_USER_ONLY), fields.take_optional(_CA_ONLY)
    if not fields.at_end:
        raise Malformed(Code.CERTIFICATE, path, "the list is indirect, or for some reasons or attributes only")
    only_users = users_only is not None and der.boolean(users_only, path)
    only_authorities = authorities_only is not None and der.boolean(authorities_only, path)
    return not only_authorities, not only_users


def read_revocation_lists(crls: Collection[bytes | str], name: str) -> tuple[RevocationList, ...]:
    """Read the lists that a configuration gives.

    Args:
        crls: DER, or PEM with one list or several.
        name: Of the configured value, for errors.

    Raises:
        Misconfigured: One text in place of a collection, or a list that cannot be read or is not complete.
    """
    if isinstance(crls, (bytes, str)) or not isinstance(crls, Iterable):
        raise Misconfigured(f"{name} is a collection of lists, also where it holds only one")
    lists: list[RevocationList] = []
    for index, item in enumerate(crls):
        where = f"{name}[{index}]"
        try:
            lists.extend(parse_revocation_list(encoded, where) for encoded in decode_pem(item, "X509 CRL", where))
        except Malformed as malformed:
            raise Misconfigured(f"{where} is not a usable CRL in DER or PEM: {malformed.detail}") from None
    return tuple(lists)


@frozen(kw_only=True)
class Revocation:
    """What to do about revoked certificates.

    Attributes:
        crls: Revocation lists, DER or PEM. An expired list still revokes what it lists.
        required: Whether each certificate below the anchor needs a current list that covers it; without one its path
            is not trusted. False refuses only what a list names.
    """

    crls: Collection[bytes | str]
    required: bool = True
    _lists: tuple[RevocationList, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read every list once.

        Raises:
            Misconfigured: A list that cannot be read, or is not complete.
        """
        if not isinstance(self.crls, (bytes, str)) and isinstance(self.crls, Iterable):
            object.__setattr__(self, "crls", tuple(self.crls))  # an iterator can be read once
        object.__setattr__(self, "_lists", read_revocation_lists(self.crls, "Revocation.crls"))

    def judge(self, path: Sequence[Certificate], now: datetime, *, supplied: tuple[RevocationList, ...] = ()) -> None:
        """Ask the lists about each certificate below the anchor.

        Args:
            path: From the attestation certificate to the anchor, as `unlatch.crypto.paths.find_path` found it.
            now: The moment at which a list must be current; aware.
            supplied: Further lists, from the source of the anchors.

        Raises:
            Malformed: A certificate's constraints or key usage cannot be read.
            AttestationRefused: A certificate is revoked (`Code.ATTESTATION_CERTIFICATE`), or its status is required
                and not known (`Code.ATTESTATION_NOT_TRUSTED`).
        """
        unknown: AttestationRefused | None = None
        for index, (certificate, issuer) in enumerate(pairwise(path)):
            covering = [entry for entry in self._lists + supplied if entry.covers(certificate, issuer)]
            if any(certificate.serial_number in entry.serial_numbers for entry in covering):
                raise AttestationRefused(
                    Code.ATTESTATION_CERTIFICATE,
                    TRUST_STEP,
                    received=certificate.serial_number,
                    detail=f"certificate {index} of the path is revoked",
                )
            if self.required and unknown is None and not any(entry.is_current(now) for entry in covering):
                unknown = untrusted(f"no current revocation list covers certificate {index} of the path")
        # Last: a certificate further up may be revoked, which counts for more.
        if unknown is not None:
            raise unknown
