"""Faults of the certificate chain: a sound statement whose chain leads to no anchor that somebody named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from unlatch.codes import Code
from unlatch.testing import der
from unlatch.testing.certificates import (
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    ORGANISATION,
    Authority,
    Extension,
    Template,
    basic_constraints,
)
from unlatch.testing.faults.fault import Rule
from unlatch.testing.faults.writing import fault, fields, flip, through
from unlatch.testing.keys import KeyPair
from unlatch.testing.points import Point

if TYPE_CHECKING:
    from unlatch.testing.faults.fault import Change, Fault
    from unlatch.testing.scene import Scene

NAME_CONSTRAINTS = "2.5.29.30"

_X5C = ("packed", "tpm", "android-key", "apple", "android-safetynet")
# A second description of a key in the chain is a fault of the statement already.
_ONE_DESCRIPTION = tuple(each for each in _X5C if each != "android-key")


def _trust(name: str, what: str, point: Point, change: Change, formats: tuple[str, ...] = _X5C) -> Fault:
    return fault(
        f"registration.attestation-trust.{name}",
        what,
        point,
        change,
        Code.ATTESTATION_NOT_TRUSTED,
        formats=formats,
        rule=Rule.TRUST,
    )


_PAST, _FUTURE = datetime(2021, 1, 1, tzinfo=UTC), datetime(2119, 1, 1, tzinfo=UTC)


def _below(change: Any) -> Change:
    """An issuer below the trusted root whose own certificate is bent by `change`."""
    return lambda _honest, scene: scene.authenticator.root.subordinate("Unlatch Test CA 2", change=change)


def _smuggled(_honest: Authority, _scene: Scene) -> Authority:
    root = Authority.root()
    below = root.subordinate()
    return replace(below, path=(*below.path, root.certificate))


def _same_name(_honest: Authority, scene: Scene) -> Authority:
    """A root that merely has the trusted root's name."""
    return replace(Authority.root().subordinate(), name=scene.authenticator.issuer.name)


def _not_an_authority(_honest: Authority, scene: Scene) -> Authority:
    """A leaf of the trusted hierarchy that issues a certificate itself."""
    key = KeyPair.generate(-7)
    template = Template(scene.authenticator.issuer.name, key.spki, (basic_constraints(authority=False),))
    certificate = scene.authenticator.issuer.issue(template)
    return Authority(template.subject, key, certificate, (certificate, *scene.authenticator.issuer.path))


def _other_maker(*, critical: bool) -> Extension:
    """Name Constraints that permit the directory names of another organisation."""
    name = der.sequence(der.set_of(der.sequence(der.oid(ORGANISATION), der.utf8("Another Maker"))))
    subtree = der.sequence(der.context(4, name))
    return Extension(NAME_CONSTRAINTS, der.sequence(der.context(0, subtree)), critical=critical)


FAULTS = (
    _trust(
        "other-root",
        "The chain ends at a root that nobody named.",
        Point.ISSUER,
        lambda _honest, _scene: Authority.root().subordinate(),
    ),
    _trust("smuggled-root", "The chain brings its own root along.", Point.ISSUER, _smuggled),
    _trust("same-name", "The issuer has the right name and another key.", Point.ISSUER, _same_name),
    _trust(
        "no-intermediate", "The intermediate certificate is missing.", Point.CHAIN, through(lambda chain: chain[:1])
    ),
    _trust(
        "root-tampered",
        "The chain ends with a root whose own signature does not verify.",
        Point.CHAIN,
        lambda chain, scene: [*chain, flip(-1)(scene.authenticator.root.certificate, scene)],
    ),
    _trust(
        "leaf-twice",
        "The leaf stands in the intermediate's place.",
        Point.CHAIN,
        through(lambda chain: [chain[0], chain[0]]),
        _ONE_DESCRIPTION,
    ),
    _trust("leaf-expired", "The attestation certificate has expired.", Point.LEAF, fields(not_after=_PAST)),
    _trust(
        "leaf-not-yet-valid", "The attestation certificate is not valid yet.", Point.LEAF, fields(not_before=_FUTURE)
    ),
    _trust(
        "intermediate-expired",
        "The intermediate certificate has expired.",
        Point.ISSUER,
        _below(lambda template: replace(template, not_after=_PAST)),
    ),
    _trust(
        "intermediate-not-an-authority",
        "The intermediate is not a certification authority.",
        Point.ISSUER,
        _below(lambda template: template.with_extension(basic_constraints(authority=False))),
    ),
    _trust(
        "intermediate-without-constraints",
        "The intermediate has no basic constraints.",
        Point.ISSUER,
        _below(lambda template: template.without_extension(BASIC_CONSTRAINTS)),
    ),
    _trust(
        "intermediate-cannot-sign",
        "The intermediate's key usage does not allow it to sign certificates.",
        Point.ISSUER,
        _below(
            lambda template: template.with_extension(
                Extension(KEY_USAGE, der.bit_string(b"\x80", unused=7), critical=True)
            )
        ),
    ),
    _trust(
        "leaf-cannot-sign",
        "The attestation key's usage allows it to agree on keys, and not to sign.",
        Point.LEAF,
        through(
            lambda leaf: leaf.with_extension(Extension(KEY_USAGE, der.bit_string(b"\x08", unused=3), critical=True))
        ),
    ),
    *(
        _trust(
            f"name-constraints{'' if critical else '-not-critical'}",
            "The intermediate may issue for another maker's names alone.",
            Point.ISSUER,
            _below(lambda template, critical=critical: template.with_extension(_other_maker(critical=critical))),
            # The other formats' attestation certificates have no subject, or one of no maker.
            ("packed",),
        )
        for critical in (True, False)
    ),
    _trust(
        "intermediate-critical-extension",
        "The intermediate has a critical extension that nobody knows.",
        Point.ISSUER,
        _below(lambda template: template.with_extension(Extension("1.3.6.1.4.1.99999.1", b"\x05\x00", critical=True))),
    ),
    _trust("issued-by-a-leaf", "Another attestation key issued the certificate.", Point.ISSUER, _not_an_authority),
    _trust(
        "path-length",
        "The chain is longer than its upper authority allows.",
        Point.ISSUER,
        lambda _honest, scene: scene.authenticator.root.subordinate(
            "Unlatch Test CA 2",
            change=lambda template: template.with_extension(
                Extension(BASIC_CONSTRAINTS, der.sequence(der.boolean(True), der.integer(0)), critical=True)
            ),
        ).subordinate("Unlatch Test CA 3"),
    ),
)
