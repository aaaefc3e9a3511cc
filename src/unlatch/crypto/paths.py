"""Certification paths (RFC 5280 section 6) from an attestation certificate to an anchor that somebody named.

An anchor is trusted because the relying party (or the metadata it chose) lists it; nothing that a response carries
can become one. `x5c` is in order (section 8 of the specification shows it so): each certificate is issued by the one
after it. It may stop short of the anchor, and it may contain the anchor, as Android's chains do.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from unlatch.crypto.certificate_signatures import is_signed_with
from unlatch.crypto.certificates import (
    BASIC_CONSTRAINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    SUBJECT_ALTERNATIVE_NAME,
    Certificate,
    basic_constraints,
    key_usage,
    load_public_key,
)
from unlatch.crypto.name_constraints import NAME_CONSTRAINTS, violation
from unlatch.crypto.names import is_same_name
from unlatch.crypto.trust import graver, untrusted
from unlatch.errors import AttestationRefused, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from unlatch.crypto.signatures import PublicKey

#: Certificates in a path, the anchor not counted.
MAX_PATH = 12
#: Signatures verified in one search; honest chains need fewer than ten.
MAX_SIGNATURES = 64

_CERTIFICATE_POLICIES = "2.5.29.32"
#: Critical extensions that are understood. Policies too: any policy will do, and nothing here can require one.
_UNDERSTOOD = frozenset(
    (BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, SUBJECT_ALTERNATIVE_NAME, _CERTIFICATE_POLICIES)
)
#: Only an authority may have constraints on names.
_UNDERSTOOD_OF_ISSUERS = _UNDERSTOOD | {NAME_CONSTRAINTS}
#: digitalSignature and contentCommitment; keyCertSign.
_SIGNS = frozenset((0, 1))
_KEY_CERT_SIGN = 5


def is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the names chain and the signature verifies; says nothing about what the issuer may do."""
    if certificate.signature_algorithm != certificate.tbs_signature_algorithm:
        return False
    if not is_same_name(certificate.issuer, issuer.subject):
        return False
    try:
        key = _issuer_key(issuer.spki)
    except Malformed:
        return False
    return is_signed_with(key, certificate.signature_algorithm, certificate.signature, certificate.tbs)


@lru_cache(256)
def _issuer_key(spki: bytes) -> PublicKey:
    """Kept, because the attestation certificates of a world of authenticators have a handful of issuers."""
    return load_public_key(spki, "")


def find_path(
    chain: Sequence[Certificate],
    anchors: Sequence[Certificate],
    *,
    now: datetime,
    intermediates: Sequence[Certificate] = (),
    revocation: Callable[[Sequence[Certificate], datetime], None] | None = None,
) -> tuple[Certificate, ...]:
    """Find a valid path from ``chain[0]`` to one of the anchors.

    Args:
        chain: `x5c`, the attestation certificate first.
        anchors: Certificates that are trusted as they are; issuing ones, or attestation certificates themselves.
        now: The moment at which everything must be valid; aware.
        intermediates: Issuing certificates that the source of the anchors offers where `x5c` stops short.
        revocation: Judges a path that is valid otherwise (`unlatch.crypto.revocation.Revocation.judge`).

    Returns:
        The path, anchor last; the attestation certificate alone where it is the anchor itself.

    Raises:
        AttestationRefused: No path, or none that is valid; `detail` says why the last one was not, or that one has a
            revoked certificate.
    """
    search = _Search(chain, anchors, intermediates)
    if not search.is_linked():
        raise untrusted("x5c is not a chain: a certificate is not issued by the one after it")
    refusal: AttestationRefused | None = None
    for path in search.paths():
        try:
            expect_valid(path, now=now)
            if revocation is not None:
                revocation(path, now)
        except Malformed as malformed:
            refusal = graver(refusal, untrusted(malformed.detail))
        except AttestationRefused as refused:
            refusal = graver(refusal, refused)
        else:
            return path
    if search.is_exhausted:
        refusal = graver(refusal, untrusted("too many certificates of one name to try"))
    raise refusal or untrusted("no path from x5c to an anchor")


class _Search:
    """One bounded search; candidates are matched by name first, so that hardly any signature is tried in vain."""

    def __init__(
        self, chain: Sequence[Certificate], anchors: Sequence[Certificate], intermediates: Sequence[Certificate]
    ) -> None:
        self.chain, self.anchors, self.intermediates = chain, anchors, intermediates
        self.signatures = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether more signatures were wanted than are tried."""
        return self.signatures > MAX_SIGNATURES

    def is_linked(self) -> bool:
        """Whether `x5c` is in order from end to end, whatever part of it the path will use."""
        return all(self._issued(child, parent) for child, parent in pairwise(self.chain)) and self._is_closed()

    def _is_closed(self) -> bool:
        """Whether a self-issued certificate at the end is an anchor, signed by itself, or (rolled over) by an anchor.

        The path does without it where the anchor has its name and key; then nothing else looks at its signature.
        """
        last = self.chain[-1]
        if not is_same_name(last.subject, last.issuer) or any(anchor.raw == last.raw for anchor in self.anchors):
            return True
        return any(self._issued(last, issuer) for issuer in (last, *self.anchors, *self.intermediates))

    def paths(self) -> Iterator[tuple[Certificate, ...]]:
        """Every way to an anchor: shortest first as far as `x5c` goes, then with as much of it as there can be.

        An intermediate of `x5c` may have expired, or be cross-signed by a root that nobody named, where the source of
        the anchors has another certificate for the same authority.
        """
        parts = [tuple(self.chain[:length]) for length in range(1, len(self.chain) + 1)]
        for part in parts:
            yield from self._anchored(part)
        for part in reversed(parts):
            yield from self._through_intermediates(part)

    def _anchored(self, path: tuple[Certificate, ...]) -> Iterator[tuple[Certificate, ...]]:
        if any(anchor.raw == path[-1].raw for anchor in self.anchors):
            yield path
        for anchor in self.anchors:
            if anchor.raw != path[-1].raw and self._issued(path[-1], anchor):
                yield (*path, anchor)

    def _through_intermediates(self, path: tuple[Certificate, ...]) -> Iterator[tuple[Certificate, ...]]:
        if len(path) >= MAX_PATH:
            return
        for intermediate in self.intermediates:
            if intermediate not in path and self._issued(path[-1], intermediate):
                longer = (*path, intermediate)
                yield from self._anchored(longer)
                yield from self._through_intermediates(longer)

    def _issued(self, certificate: Certificate, issuer: Certificate) -> bool:
        if not is_same_name(certificate.issuer, issuer.subject):
            return False
        self.signatures += 1
        return not self.is_exhausted and is_issued_by(certificate, issuer)


def expect_valid(path: Sequence[Certificate], *, now: datetime) -> None:
    """Check what RFC 5280 section 6.1 asks of a path whose signatures and names are known to chain.

    Raises:
        Malformed: An extension that must be understood cannot be read.
        AttestationRefused: Out of date, an issuer that may not issue (at all, or for that name), a path too long, an
            unknown critical extension, an attestation key that may not sign.
    """
    last = len(path) - 1
    below = 0  # intermediates between an issuer and the attestation certificate that are not self-issued
    for index, certificate in enumerate(path):
        if not certificate.not_before <= now <= certificate.not_after:
            raise untrusted(
                f"certificate {index} of the path is valid from {certificate.not_before:%Y-%m-%d} "
                f"to {certificate.not_after:%Y-%m-%d}"
            )
        if index == 0 or index != last:
            _expect_understood(certificate, index)
        if index:
            _expect_issuer(certificate, index, is_anchor=index == last, below=below)
            below += not is_same_name(certificate.subject, certificate.issuer)
    usage = key_usage(path[0])
    if usage is not None and not usage & _SIGNS:
        raise untrusted("the key of the attestation certificate is not for signing (Key Usage)")
    if wrong := violation(path):
        raise untrusted(wrong)


def _expect_understood(certificate: Certificate, index: int) -> None:
    understood = _UNDERSTOOD_OF_ISSUERS if index else _UNDERSTOOD
    for identifier, extension in certificate.extensions.items():
        if extension.critical and identifier not in understood:
            raise untrusted(f"certificate {index} of the path has the unknown critical extension {identifier}")


def _expect_issuer(certificate: Certificate, index: int, *, is_anchor: bool, below: int) -> None:
    """The certificate may issue, and may have that many intermediates below it."""
    constraints = basic_constraints(certificate)
    if constraints is None:
        # Roots of another age say nothing; being self-issued and named as an anchor is what they have.
        if not is_anchor or not is_same_name(certificate.subject, certificate.issuer):
            raise untrusted(f"certificate {index} of the path is no certificate authority")
    elif not constraints.ca:
        raise untrusted(f"certificate {index} of the path is no certificate authority")
    elif constraints.path_length is not None and below > constraints.path_length:
        raise untrusted(f"certificate {index} of the path allows no more than {constraints.path_length} below it")
    usage = key_usage(certificate)
    if usage is not None and _KEY_CERT_SIGN not in usage:
        raise untrusted(f"the key of certificate {index} of the path is not for signing certificates")
