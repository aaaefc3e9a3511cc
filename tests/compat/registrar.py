"""A registrar that keeps credentials in a dictionary, and the words that tests need."""

from __future__ import annotations

from typing import Any

from unlatch.compat.webauthn_rp import registrars, types
from unlatch.compat.webauthn_rp.converters import cose_key
from unlatch.compat.webauthn_rp.parsers import parse_cose_key

RP = types.PublicKeyCredentialRpEntity(name="Example", id="example.org")
ORIGIN = "https://example.org"
PUBLIC_KEY = types.PublicKeyCredentialType.PUBLIC_KEY


def user(handle: bytes = b"handle-of-ada", name: str = "ada") -> types.PublicKeyCredentialUserEntity:
    return types.PublicKeyCredentialUserEntity(id=handle, name=name, display_name=name.capitalize())


class Registrar(registrars.CredentialsRegistrar):
    """Keeps COSE keys and counters; remembers the last calls."""

    def __init__(self, *, rp: types.PublicKeyCredentialRpEntity | None = None) -> None:
        self.rows: dict[bytes, list[Any]] = {}
        self.rp = rp
        self.registered: tuple[Any, ...] = ()
        self.used: tuple[Any, ...] = ()

    def register_credential_attestation(self, credential, att, att_type, user, rp, trusted_path=None):
        if credential.raw_id in self.rows:
            return "registered already"
        key = att.auth_data.attested_credential_data.credential_public_key
        self.rows[credential.raw_id] = [cose_key(key), None, user]
        self.registered = (credential, att, att_type, user, rp, trusted_path)
        return None

    def register_credential_assertion(self, credential, authenticator_data, user, rp):
        self.rows[credential.raw_id][1] = authenticator_data.sign_count
        self.used = (credential, authenticator_data, user, rp)

    def get_credential_data(self, credential_id):
        if credential_id not in self.rows:
            return None
        key, count, owner = self.rows[credential_id]
        return registrars.CredentialData(parse_cose_key(key), count, owner, self.rp)
