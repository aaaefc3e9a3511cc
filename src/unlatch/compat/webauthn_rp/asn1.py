"""The ASN.1 schemas of Android's key attestation are gone: certificates are read by `unlatch.wire.der`."""

from typing import NoReturn

from unlatch.compat.webauthn_rp.gone import refuse_name

_READER = "use unlatch.attestation.key_description.decode_key_description, which returns plain values"
_GONE = dict.fromkeys(
    ("SecurityLevel", "VerifiedBootState", "RootOfTrust", "AuthorizationList", "KeyDescription"), _READER
)


def __getattr__(name: str) -> NoReturn:
    refuse_name(__name__, name, _GONE)
