"""Name Constraints (RFC 5280 section 4.2.1.10): which names an authority may issue certificates for.

Constraints on directory names are processed. Of other kinds of names nothing is compared: where a constraint speaks of
a kind that a certificate has a name of, the certificate is refused, as the section allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unlatch.codes import Code
from unlatch.crypto.names import DIRECTORY_NAME, EMPTY_NAME, alternative_names, is_same_name, is_within, name_attributes
from unlatch.errors import Malformed
from unlatch.values import frozen
from unlatch.wire import der

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unlatch.crypto.certificates import Certificate

NAME_CONSTRAINTS = "2.5.29.30"

_PERMITTED, _EXCLUDED = 0xA0, 0xA1
_MAIL_NAME = 0x81
_MAIL_ATTRIBUTE = "1.2.840.113549.1.9.1"


@frozen
class NameConstraints:
    """Subtrees of names: the identifier octet of the GeneralName, and its contents.

    Attributes:
        permitted: Where a kind of name stands here, names of that kind lie in one of these subtrees.
        excluded: No name lies in one of these.
    """

    permitted: tuple[tuple[int, bytes], ...]
    excluded: tuple[tuple[int, bytes], ...]


def violation(path: Sequence[Certificate]) -> str:
    """What breaks the constraints of an authority above it; empty where nothing does.

    Args:
        path: From the attestation certificate to the anchor. The anchor's constraints count, too.

    Raises:
        Malformed: Constraints or a name that cannot be read.
    """
    for above in range(len(path) - 1, 0, -1):
        constraints = _read(path[above])
        if constraints is None:
            continue
        for below in range(above):
            certificate = path[below]
            # Authorities roll their keys over under their own name (section 6.1.3).
            if below and is_same_name(certificate.subject, certificate.issuer):
                continue
            for kind, name in _names(certificate):
                if not _is_allowed(kind, name, constraints):
                    return f"certificate {below} of the path has a name that certificate {above} may not issue"
    return ""


def _is_allowed(kind: int, name: bytes, constraints: NameConstraints) -> bool:
    permitted = [base for of, base in constraints.permitted if of == kind]
    excluded = [base for of, base in constraints.excluded if of == kind]
    if kind != DIRECTORY_NAME:
        return not permitted and not excluded
    if any(is_within(name, base) for base in excluded):
        return False
    return not permitted or any(is_within(name, base) for base in permitted)


def _names(certificate: Certificate) -> list[tuple[int, bytes]]:
    """Every name of the subject, as identifier octet and contents of a GeneralName."""
    found = [(element.identifier, element.content) for element in alternative_names(certificate)]
    if certificate.subject != EMPTY_NAME:
        found.append((DIRECTORY_NAME, certificate.subject))
        mail = name_attributes(certificate.subject, certificate.path).get(_MAIL_ATTRIBUTE, ())
        found.extend((_MAIL_NAME, address.encode()) for address in mail)
    return found


def _read(certificate: Certificate) -> NameConstraints | None:
    """``SEQUENCE { permittedSubtrees [0] OPTIONAL, excludedSubtrees [1] OPTIONAL }``."""
    extension = certificate.extensions.get(NAME_CONSTRAINTS)
    if extension is None:
        return None
    path = certificate.path
    fields = der.Cursor(der.decode(extension.value, der.SEQUENCE, path).content, path)
    permitted, excluded = fields.take_optional(_PERMITTED), fields.take_optional(_EXCLUDED)
    fields.expect_end()
    if permitted is None and excluded is None:
        raise Malformed(Code.CERTIFICATE, path, "name constraints that constrain nothing")
    return NameConstraints(_subtrees(permitted, path), _subtrees(excluded, path))


def _subtrees(element: der.Element | None, path: str) -> tuple[tuple[int, bytes], ...]:
    """``SEQUENCE OF SEQUENCE { base, minimum DEFAULT 0, maximum OPTIONAL }``, the latter two never written."""
    if element is None:
        return ()
    found = []
    subtrees = der.Cursor(element.content, path)
    while not subtrees.at_end:
        subtree = subtrees.enter(der.SEQUENCE)
        base = subtree.next()
        if not subtree.at_end:
            raise Malformed(
                Code.CERTIFICATE, path, "name constraints with a minimum or maximum, which RFC 5280 forbids"
            )
        found.append((base.identifier, base.content))
    return tuple(found)
