"""Faults of extension outputs, signed and unsigned."""

from __future__ import annotations

from unlatch.codes import Code
from unlatch.testing.faults.fault import Need, Rule
from unlatch.testing.faults.writing import both, fault, put
from unlatch.testing.points import Point

_SIGNED, _CLIENT = Point.EXTENSION_OUTPUTS, Point.CLIENT_OUTPUTS

FAULTS = (
    fault(
        "registration.extensions.less-protection",
        "The credential is protected less than was asked.",
        _SIGNED,
        put("credProtect", 1),
        Code.EXTENSION_LESS_THAN_ASKED,
        needs=(Need.CRED_PROTECT_ENFORCED,),
    ),
    fault(
        "registration.extensions.no-such-protection",
        "The protection is a level that does not exist.",
        _SIGNED,
        put("credProtect", 0),
        Code.EXTENSION_LESS_THAN_ASKED,
        needs=(Need.CRED_PROTECT_ENFORCED,),
    ),
    fault(
        "registration.extensions.protection-text",
        "The protection level is a text.",
        _SIGNED,
        put("credProtect", "userVerificationRequired"),
        Code.EXTENSION_OUTPUT,
        decoder=True,
    ),
    fault(
        "registration.extensions.protection-boolean",
        "The protection level is a boolean.",
        _SIGNED,
        put("credProtect", True),
        Code.EXTENSION_OUTPUT,
        decoder=True,
    ),
    fault(
        "registration.extensions.pin-length-text",
        "The least PIN length is a text.",
        _SIGNED,
        put("minPinLength", "4"),
        Code.EXTENSION_OUTPUT,
        decoder=True,
    ),
    *both(
        "extensions.unsolicited-signed",
        "A signed output answers nothing that was asked.",
        _SIGNED,
        put("example.extension", True),
        Code.EXTENSION_UNSOLICITED,
        rule=Rule.UNSOLICITED,
    ),
    *both(
        "extensions.unsolicited-client",
        "A client output answers nothing that was asked.",
        _CLIENT,
        put("exampleExtension", True),
        Code.EXTENSION_UNSOLICITED,
        rule=Rule.UNSOLICITED,
    ),
    fault(
        "registration.extensions.properties-boolean",
        "`credProps` is a boolean.",
        _CLIENT,
        put("credProps", True),
        Code.EXTENSION_OUTPUT,
        decoder=True,
    ),
    fault(
        "registration.extensions.discoverable-text",
        "`credProps.rk` is a text.",
        _CLIENT,
        put("credProps", {"rk": "true"}),
        Code.EXTENSION_OUTPUT,
        decoder=True,
    ),
    fault(
        "authentication.extensions.appid-text",
        "`appid` is a text.",
        _CLIENT,
        put("appid", "true"),
        Code.EXTENSION_OUTPUT,
        decoder=True,
    ),
    fault(
        "authentication.rp-id-hash.appid",
        "The hash is an AppID's that was never asked for.",
        Point.RP_ID,
        lambda _honest, scene: f"https://{scene.options.get('rpId', 'example.org')}/app-id.json",
        Code.RP_ID_HASH_MISMATCH,
    ),
)
