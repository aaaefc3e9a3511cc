"""What each code means to whoever reads the log, and what to do about it; `reference.py` makes a page of it."""

from __future__ import annotations

from collections.abc import Mapping

from unlatch.adapters.http import HttpCode
from unlatch.codes import Code, PublicCode

_JSON = {
    Code.JSON: "The text is not UTF-8 or not JSON, holds `NaN`, half a character, or nests too deeply.",
    Code.JSON_TYPE: "A member has another type than it must have; `path` names it.",
    Code.JSON_MISSING: (
        "A required member is missing or empty. Often a page that posts a credential without `toJSON()`."
    ),
    Code.JSON_DUPLICATE: "A member stands twice in one object, so that two readers could see two values.",
    Code.TOO_LARGE: (
        "More bytes than any honest response has (64 KiB), or more transports or longer ones than any client reports."
    ),
    Code.BASE64URL: (
        "Not canonical base64url: padding, `+` or `/`, a character from elsewhere, or an impossible end. A page that "
        "encodes by hand must use the URL-safe alphabet without padding."
    ),
}
_CBOR = {
    Code.CBOR_TRUNCATED: "The bytes end inside a value, or a length announces more than there is.",
    Code.CBOR_TRAILING: "Bytes follow where the value has ended.",
    Code.CBOR_INDEFINITE: "A string, array or map of indefinite length, which CTAP2 forbids.",
    Code.CBOR_NOT_MINIMAL: "An integer or a length is written longer than needed.",
    Code.CBOR_TAG: "A tag, which CTAP2 forbids.",
    Code.CBOR_SIMPLE: "A simple value other than false, true and null, such as `undefined`.",
    Code.CBOR_KEY_TYPE: "A map key that is neither an integer nor a string.",
    Code.CBOR_KEY_ORDER: (
        "Map keys that are not in canonical order. Only the attestation object's own maps may be unsorted."
    ),
    Code.CBOR_DUPLICATE_KEY: "A map key stands twice.",
    Code.CBOR_DEPTH: "Nested deeper than any structure of WebAuthn.",
    Code.CBOR_TEXT: "A text string that is not UTF-8.",
}
_STRUCTURES = {
    Code.DER: "Not DER: in a certificate, a signature or an extension of an attestation.",
    Code.CREDENTIAL_TYPE: "The `type` of the credential is not `public-key`.",
    Code.CREDENTIAL_ID: "The credential id is empty, or `id`, `rawId` and the attested id differ.",
    Code.CLIENT_DATA: "The client data lacks `type`, `challenge` or `origin`, or a member has the wrong type.",
    Code.AUTHENTICATOR_DATA: "The authenticator data is too short, or its flags do not fit what it holds.",
    Code.ATTESTATION_OBJECT: (
        "The attestation object is not a map of exactly `fmt`, `attStmt` and `authData`, or a copy in the response "
        "(`publicKey`, `authenticatorData`) differs from it."
    ),
    Code.ATTESTATION_STATEMENT: "The statement has not the members and types that its format prescribes.",
    Code.CERTIFICATE: "A certificate that cannot be read, or has a key of a size that is not accepted.",
    Code.EXTENSION_OUTPUT: "An extension output has not the form that the extension prescribes.",
    Code.EXTENSION_INPUT: "An extension input has not the form that the extension prescribes: an error of the caller.",
}
_KEYS = {
    Code.KEY: "The public key is not a COSE key at all.",
    Code.KEY_PARAMETERS: "The key has a parameter too many (such as a private part) or too few.",
    Code.KEY_ALGORITHM: "The algorithm is not known, not one for credentials, or does not fit key type and curve.",
    Code.KEY_LENGTH: "A coordinate, modulus or encoded key has the wrong length.",
    Code.KEY_NOT_ON_CURVE: "The point is not on its curve, or generates only a small group.",
    Code.KEY_WEAK: "An RSA key below 2048 or above 8192 bits, or with an exponent that is not accepted.",
}
_OWN = {
    Code.STATE: "The state of a ceremony that was handed back is not one that was handed out. Keep it unchanged.",
    Code.RECORD: (
        "A credential record that cannot be read, or a value that a record cannot have. Look at what is stored."
    ),
    Code.OPTIONS: "Options, or a user entity, with a value that cannot be.",
    Code.RECORDING: (
        "A recording that cannot be read; see [how to explain a ceremony](../how-to/explain-a-ceremony.md)."
    ),
}
_CLIENT_DATA = {
    Code.TYPE_MISMATCH: (
        "The client data is of the other ceremony: a sign-in was answered with a registration, or a payment."
    ),
    Code.CHALLENGE_MISMATCH: (
        "The response answers another challenge: an old page, two tabs that share one state, a replay."
    ),
    Code.ORIGIN_NOT_EXPECTED: (
        "The page's origin is not in `origins`. A new domain or port that was not configured, or a phishing page; "
        "`received` tells which."
    ),
    Code.CROSS_ORIGIN_NOT_EXPECTED: (
        "It came from a frame inside another site's page. Allow it with `allow_cross_origin`."
    ),
    Code.TOP_ORIGIN_NOT_EXPECTED: "The embedding page is not in `top_origins`.",
    Code.PAYMENT_MISMATCH: "What the person saw and confirmed is not the payment that was asked for.",
}
_AUTHENTICATOR_DATA = {
    Code.RP_ID_HASH_MISMATCH: "The authenticator answered for another RP ID.",
    Code.USER_NOT_PRESENT: "The UP flag is not set, outside of an automatic upgrade.",
    Code.USER_NOT_VERIFIED: (
        "User verification was required and the UV flag is not set. Ask for it in the options as well."
    ),
    Code.BACKUP_STATE_WITHOUT_ELIGIBILITY: "BS without BE: no sound authenticator says this.",
    Code.BACKUP_NOT_ALLOWED: "The passkey may be synced, and the policy accepts device-bound ones only.",
    Code.BACKUP_REQUIRED: "The passkey is not synced (or cannot be), and the policy wants that.",
    Code.BACKUP_ELIGIBILITY_CHANGED: (
        "BE differs from what was registered, which the specification says never happens. Some passkey managers do "
        "it; `eligibility_change` chooses."
    ),
    Code.ALGORITHM_NOT_OFFERED: "The new key has an algorithm that the options did not list.",
}
_ATTESTATION = {
    Code.FORMAT_NOT_SUPPORTED: "The statement format is unknown, or not one that the policy accepts.",
    Code.ATTESTATION_INVALID: "The statement breaks a rule of its format; `detail` names the rule.",
    Code.ATTESTATION_SIGNATURE: "The statement's signature does not verify.",
    Code.ATTESTATION_CERTIFICATE: "A certificate of the statement breaks a rule of its format.",
    Code.ATTESTATION_KEY_MISMATCH: "The statement is about another key than the new credential's.",
    Code.ATTESTATION_NOT_TRUSTED: (
        "The statement is sound, but leads to no anchor: unknown maker, expired or revoked certificate, or one that "
        "is not fresh."
    ),
    Code.ATTESTATION_NOT_ALLOWED: "The policy does not accept this kind of attestation.",
    Code.AAGUID_NOT_ALLOWED: "The policy does not accept this model of authenticator.",
}
_CREDENTIAL = {
    Code.CREDENTIAL_ID_TOO_LONG: "The credential id has more than 1023 bytes.",
    Code.CREDENTIAL_ALREADY_REGISTERED: "Somebody has this credential already: list theirs in `excludeCredentials`.",
    Code.CREDENTIAL_NOT_ALLOWED: "The credential is not one that the options listed.",
    Code.CREDENTIAL_UNKNOWN: (
        "No record has this id: removed on the server, still in the authenticator. The Signal API can tell the "
        "passkey manager."
    ),
    Code.CREDENTIAL_OF_ANOTHER_USER: "The record belongs to another account than the one that signs in.",
    Code.USER_HANDLE_MISSING: "A sign-in without a user name, and the authenticator returned no user handle.",
    Code.USER_HANDLE_MISMATCH: "The user handle is not that of the record's owner.",
    Code.SIGNATURE_INVALID: "The assertion was not signed by the registered key, or was changed afterwards.",
    Code.SIGN_COUNT_REGRESSED: (
        "The signature counter did not grow: a copied authenticator, or two sign-ins that crossed. "
        "`counter_regression` chooses."
    ),
}
_EXTENSIONS = {
    Code.EXTENSION_UNSOLICITED: "An output that nobody asked for, where the policy refuses such.",
    Code.EXTENSION_CONTRADICTS: "An output that cannot answer what was asked.",
    Code.EXTENSION_LESS_THAN_ASKED: "The authenticator granted less than was required, such as a lower `credProtect`.",
}
_CEREMONY = {
    Code.CEREMONY_UNKNOWN: "No ceremony has this id: never begun, already finished, or swept after it expired.",
    Code.CEREMONY_EXPIRED: "The response came too late. People leave dialogs open; begin again.",
    Code.CEREMONY_USED: "A sealed ceremony was finished before: a replay, or a double click.",
    Code.CEREMONY_SEAL: (
        "A sealed ceremony that cannot be opened: changed, of another server, or a key that was retired."
    ),
    Code.CEREMONY_KIND: "The state is of the other ceremony.",
    Code.CEREMONY_SESSION: "It was begun in another session: another browser, or signed in anew in between.",
    Code.CEREMONY_PURPOSE: "It was begun for another purpose, such as another action to confirm.",
    Code.CEREMONY_USER: "It was begun for another user.",
    Code.CEREMONY_RELYING_PARTY: "It was begun for another RP ID.",
}
_OPERATOR = {
    Code.STORE_UNAVAILABLE: "A store did not answer. Nothing was decided; a retry may help.",
    Code.MISCONFIGURED: (
        "The relying party is set up in a way that cannot work or is not safe; the message says what to change."
    ),
}

_HTTP = {
    HttpCode.REQUEST_MALFORMED: "A member of the body is unknown, of the wrong type or too long; `detail` names it.",
    HttpCode.FOREIGN_ORIGIN: "`Origin` or `Sec-Fetch-Site` says that a page of another site sent it.",
    HttpCode.NOT_FOUND: "There is no such address.",
    HttpCode.METHOD_NOT_ALLOWED: "The address is there, but not for this method.",
    HttpCode.REQUEST_TIMEOUT: "The body did not arrive in time.",
    HttpCode.MEDIA_TYPE: "Only `application/json` is taken: other sites cannot send it without being asked first.",
    HttpCode.NOT_READY: "The server is starting, stopping, or misses its database (`/health/ready`).",
    HttpCode.INTERNAL: "A mistake of the program; the log has it under the answer's `instance`.",
    HttpCode.NOT_SIGNED_IN: "Nobody is signed in, or no first factor was passed.",
    HttpCode.ALREADY_SIGNED_IN: "A new account was asked for by somebody who is signed in.",
    HttpCode.SIGN_UP_CLOSED: "The host application makes no accounts here (`Users.create` is not given).",
    HttpCode.USERNAME_INVALID: "The name cannot be used; `detail` says why.",
    HttpCode.USERNAME_TAKEN: "Somebody has this name, or was faster.",
    HttpCode.DISPLAY_NAME_INVALID: "The name cannot be used; `detail` says why.",
    HttpCode.NOT_VERIFIED: "Every way in which a sign-in can fail; the log has the step and the evidence.",
    HttpCode.PASSKEY_REMOVED: "A valid sign-in with a passkey that its owner removed (server).",
    HttpCode.PASSKEY_NOT_FOUND: "The account has no passkey with this id.",
    HttpCode.PASSKEY_NAME_INVALID: "The name cannot be used; `detail` says why.",
    HttpCode.CONFIRMATION_NEEDED: "The last verification is too long ago, or was not for this purpose: step up first.",
    HttpCode.TOO_MANY_PASSKEYS: "The account has 100 passkeys or more: no further one is added (server).",
    HttpCode.CANNOT_CONFIRM: "No passkey of the account is known to verify its user; imported ones are not.",
    HttpCode.LAST_PASSKEY: "The last passkey goes only with `confirm_last=true`.",
}

#: Section of the page -> code -> meaning.
MEANINGS: dict[str, Mapping[PublicCode, str]] = {
    "Malformed: JSON and base64url": _JSON,
    "Malformed: CBOR": _CBOR,
    "Malformed: structures": _STRUCTURES,
    "Malformed: keys": _KEYS,
    "Malformed: what the relying party keeps": _OWN,
    "Refused: client data": _CLIENT_DATA,
    "Refused: authenticator data": _AUTHENTICATOR_DATA,
    "Refused: attestation": _ATTESTATION,
    "Refused: credential": _CREDENTIAL,
    "Refused: extensions": _EXTENSIONS,
    "Refused: the ceremony": _CEREMONY,
    "Unavailable, misconfigured": _OPERATOR,
    "HTTP: the doors and the server (`unlatch.adapters.http.HttpCode`)": _HTTP,
}
