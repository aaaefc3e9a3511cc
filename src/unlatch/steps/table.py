"""Every step of "Registering a New Credential" (7.1) and "Verifying an Authentication Assertion" (7.2), as data.

The slugs are ours and stable; the numbers are those of the draft this was read from and move between drafts.
`done_by` is the function that does the step, or one of four words:

- ``client``: the browser does it, before anything reaches a server;
- ``decoder``: reading the response does it; a failure is a `Malformed` with a path;
- ``store``: the store's unique constraint or update does it;
- ``caller``: whoever called the ceremony does it with the result.
"""

from __future__ import annotations

from unlatch.terms import CeremonyKind
from unlatch.values import frozen

#: The draft whose numbering is used: w3c/webauthn, main, 2026-07-30.
SPECIFICATION = "https://w3c.github.io/webauthn/"


@frozen
class Step:
    """One numbered step.

    Attributes:
        ceremony: Which of the two procedures.
        number: Its number in the draft's rendered list.
        slug: Our stable name, unique within the ceremony.
        title: What it is about, in our words.
        done_by: Dotted path of a function, or ``client``, ``decoder``, ``store`` or ``caller``.
    """

    ceremony: CeremonyKind
    number: int
    slug: str
    title: str
    done_by: str

    @property
    def name(self) -> str:
        """``"<ceremony>.<slug>"``, as refusals carry it."""
        return f"{self.ceremony}.{self.slug}"

    @property
    def anchor(self) -> str:
        """Address of the procedure in the specification."""
        return f"{SPECIFICATION}#sctn-{_ANCHORS[self.ceremony]}"


_ANCHORS = {
    CeremonyKind.REGISTRATION: "registering-a-new-credential",
    CeremonyKind.AUTHENTICATION: "verifying-assertion",
}

_CLIENT_DATA = "unlatch.steps.client_data."
_AUTHENTICATOR_DATA = "unlatch.steps.authenticator_data."
_ATTESTATION = "unlatch.steps.attestation."
_CREDENTIAL = "unlatch.steps.credential."
_EXTENSIONS = "unlatch.steps.extensions."

_REGISTRATION = (
    ("options", "Options and state are those of this ceremony", "unlatch.ceremonies.state.CeremonyState.check"),
    ("create-call", "The page calls navigator.credentials.create()", "client"),
    ("response-kind", "The response is an attestation response", "decoder"),
    ("client-extensions", "The client extension results are an object", "decoder"),
    ("client-data-text", "The client data is UTF-8", "decoder"),
    ("client-data-json", "The client data is JSON", "decoder"),
    ("type", "The type is webauthn.create", _CLIENT_DATA + "verify_type"),
    ("challenge", "The challenge is the one that was sent", _CLIENT_DATA + "verify_challenge"),
    ("origin", "The origin is an expected one", _CLIENT_DATA + "verify_origin"),
    ("cross-origin", "A frame of another origin is expected", _CLIENT_DATA + "verify_cross_origin"),
    ("top-origin", "The embedding page is an expected one", _CLIENT_DATA + "verify_top_origin"),
    ("client-data-hash", "The client data is hashed as received", "decoder"),
    ("attestation-object", "The attestation object is CBOR of the right shape", "decoder"),
    ("rp-id-hash", "The RP ID hash is that of the RP ID", _AUTHENTICATOR_DATA + "verify_rp_id_hash"),
    ("user-presence", "The user was present", _AUTHENTICATOR_DATA + "verify_user_presence"),
    ("user-verification", "The user was verified, if required", _AUTHENTICATOR_DATA + "verify_user_verification"),
    ("backup-flags", "What is backed up is eligible for it", _AUTHENTICATOR_DATA + "verify_backup_flags"),
    ("backup-eligibility", "Backup eligibility suits", _AUTHENTICATOR_DATA + "verify_backup_eligibility"),
    ("backup-state", "Backup state suits", _AUTHENTICATOR_DATA + "verify_backup_state"),
    ("algorithm", "The key's algorithm was offered", _AUTHENTICATOR_DATA + "verify_algorithm"),
    ("format", "The statement format is supported", _ATTESTATION + "verify_format"),
    ("attestation-statement", "The statement is sound", _ATTESTATION + "verify_statement"),
    ("trust-anchors", "Trust anchors for the statement are looked up", _ATTESTATION + "assess_trust"),
    ("attestation-trust", "The trust is enough for the policy", _ATTESTATION + "assess_trust"),
    ("credential-id-length", "The credential id is not too long", _CREDENTIAL + "verify_credential_id_length"),
    ("credential-not-registered", "No user has this credential yet", "store"),
    ("record", "The credential record is made", "unlatch.ceremonies.registration.finish_registration"),
    ("extensions", "Extension outputs answer what was asked", _EXTENSIONS + "verify_extensions"),
    ("store-record", "The record is stored in the user's account", "caller"),
)

_AUTHENTICATION = (
    ("options", "Options and state are those of this ceremony", "unlatch.ceremonies.state.CeremonyState.check"),
    ("get-call", "The page calls navigator.credentials.get()", "client"),
    ("response-kind", "The response is an assertion response", "decoder"),
    ("client-extensions", "The client extension results are an object", "decoder"),
    ("allow-credentials", "The credential is one of those listed", _CREDENTIAL + "verify_allowed"),
    ("user", "The credential is the user's, and the user handle too", _CREDENTIAL + "verify_user"),
    ("response-parts", "Client data, authenticator data and signature are there", "decoder"),
    ("client-data-text", "The client data is UTF-8", "decoder"),
    ("client-data-json", "The client data is JSON", "decoder"),
    ("type", "The type is webauthn.get", _CLIENT_DATA + "verify_type"),
    ("challenge", "The challenge is the one that was sent", _CLIENT_DATA + "verify_challenge"),
    ("origin", "The origin is an expected one", _CLIENT_DATA + "verify_origin"),
    ("cross-origin", "A frame of another origin is expected", _CLIENT_DATA + "verify_cross_origin"),
    ("top-origin", "The embedding page is an expected one", _CLIENT_DATA + "verify_top_origin"),
    ("rp-id-hash", "The RP ID hash is that of the RP ID", _AUTHENTICATOR_DATA + "verify_rp_id_hash"),
    ("user-presence", "The user was present", _AUTHENTICATOR_DATA + "verify_user_presence"),
    ("user-verification", "The user was verified, if required", _AUTHENTICATOR_DATA + "verify_user_verification"),
    ("backup-flags", "What is backed up is eligible for it", _AUTHENTICATOR_DATA + "verify_backup_flags"),
    (
        "backup-eligibility",
        "Backup eligibility is as registered",
        _AUTHENTICATOR_DATA + "verify_same_backup_eligibility",
    ),
    ("client-data-hash", "The client data is hashed as received", "decoder"),
    ("signature", "The signature is the registered key's", _CREDENTIAL + "verify_signature"),
    ("sign-count", "The signature counter grew", _CREDENTIAL + "verify_sign_count"),
    ("extensions", "Extension outputs answer what was asked", _EXTENSIONS + "verify_extensions"),
    ("update-record", "The record is updated", "store"),
    ("finish", "The user is signed in", "caller"),
)

STEPS: tuple[Step, ...] = tuple(
    Step(ceremony, number, slug, title, done_by)
    for ceremony, rows in ((CeremonyKind.REGISTRATION, _REGISTRATION), (CeremonyKind.AUTHENTICATION, _AUTHENTICATION))
    for number, (slug, title, done_by) in enumerate(rows, start=1)
)
