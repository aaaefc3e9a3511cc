"""What an HTTP interface itself can refuse, beside the library's `unlatch.codes`: name, status and sentence.

As there, a code is part of the public interface: it may be added, never renamed.
"""

from __future__ import annotations

from unlatch.codes import PublicCode
from unlatch.errors import UnlatchError


class HttpCode(PublicCode):
    """Machine-readable name of a refusal by a door or by the server."""

    # The request as HTTP
    REQUEST_MALFORMED = "malformed_request", 400, "The request is not well-formed."
    FOREIGN_ORIGIN = "foreign_origin", 403, "The request did not come from this site."
    NOT_FOUND = "not_found", 404, "There is nothing at this address."
    METHOD_NOT_ALLOWED = "method_not_allowed", 405, "This address does not answer that method."
    REQUEST_TIMEOUT = "request_timeout", 408, "The request took too long to arrive."
    MEDIA_TYPE = "unsupported_media_type", 415, "Send JSON, with the content type application/json."
    NOT_READY = "not_ready", 503, "The service is not ready."
    INTERNAL = "internal_error", 500, "Something went wrong on our side. Please try again."

    # Accounts and sessions
    NOT_SIGNED_IN = "not_signed_in", 401, "Please sign in first."
    ALREADY_SIGNED_IN = "already_signed_in", 409, "You are already signed in. Sign out to create another account."
    USERNAME_INVALID = "username_invalid", 400, "This username cannot be used."
    USERNAME_TAKEN = "username_taken", 409, "This username is taken. Please choose another one."
    SIGN_UP_CLOSED = "sign_up_closed", 403, "Accounts are not made here."
    DISPLAY_NAME_INVALID = "display_name_invalid", 400, "This name cannot be used."

    # Passkeys
    NOT_VERIFIED = "not_verified", 401, "The passkey could not be verified."
    PASSKEY_REMOVED = "passkey_removed", 403, "This passkey was removed from its account."
    PASSKEY_NOT_FOUND = "passkey_not_found", 404, "Your account has no such passkey."
    PASSKEY_NAME_INVALID = "passkey_name_invalid", 400, "This name cannot be used."
    CONFIRMATION_NEEDED = "confirmation_needed", 403, "Please confirm with your passkey first."
    TOO_MANY_PASSKEYS = "too_many_passkeys", 409, "Your account has too many passkeys. Remove one that you do not use."
    CANNOT_CONFIRM = "cannot_confirm", 409, "You have no passkey that can confirm this. Add one, and use that."
    LAST_PASSKEY = "last_passkey", 409, "This is your last passkey: without it you cannot sign in again."


class Rejected(UnlatchError):
    """A request that is turned down for a reason of the interface or of the host application.

    Attributes:
        detail: A more exact sentence for the person at the other end, safe to show; the code's own when empty.
    """

    def __init__(self, code: PublicCode, detail: str = "") -> None:
        super().__init__(code, detail=detail or code.message)

    def __str__(self) -> str:
        return self.detail
