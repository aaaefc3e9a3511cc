"""The interface of warp, a Relying Party in Go, in Python's spelling, over the checks of this library.

`StartRegistration` is `start_registration`, `ErrVerifyRegistration` is `VerifyRegistrationError`; docs/from-warp.md has
the whole table.
"""

from unlatch.compat.warp.ceremonies import (
    CHALLENGE_LENGTH,
    DEFAULT_ALGORITHMS,
    finish_authentication,
    finish_registration,
    generate_challenge,
    start_authentication,
    start_registration,
)
from unlatch.compat.warp.errors import CATEGORIES, Error
from unlatch.compat.warp.go_json import (
    assertion_credential_from_json,
    attestation_credential_from_json,
    creation_options_from_json,
    creation_options_to_json,
    request_options_from_json,
    request_options_to_json,
)
from unlatch.compat.warp.interfaces import Credential, CredentialFinder, RelyingParty, User, UserFinder

__all__ = [
    "CATEGORIES",
    "CHALLENGE_LENGTH",
    "DEFAULT_ALGORITHMS",
    "Credential",
    "CredentialFinder",
    "Error",
    "RelyingParty",
    "User",
    "UserFinder",
    "assertion_credential_from_json",
    "attestation_credential_from_json",
    "creation_options_from_json",
    "creation_options_to_json",
    "finish_authentication",
    "finish_registration",
    "generate_challenge",
    "request_options_from_json",
    "request_options_to_json",
    "start_authentication",
    "start_registration",
]
