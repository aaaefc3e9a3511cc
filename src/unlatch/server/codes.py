"""What the HTTP interface itself can refuse, beside the library's `unlatch.codes`: name, status and sentence.

As there, a code is part of the public interface: it may be added, never renamed.
"""

from __future__ import annotations

from enum import StrEnum


class ServerCode(StrEnum):
    """Machine-readable name of a refusal by the server, with its HTTP status and its public sentence."""

    status_hint: int
    message: str

    def __new__(cls, value: str, status_hint: int, message: str) -> ServerCode:
        """Make a member from its stable name, HTTP status and public sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.status_hint = status_hint
        member.message = message
        return member

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
    DISPLAY_NAME_INVALID = "display_name_invalid", 400, "This name cannot be used."

    # Passkeys
    NOT_VERIFIED = "not_verified", 401, "The passkey could not be verified."
    PASSKEY_REMOVED = "passkey_removed", 403, "This passkey was removed from its account."
    PASSKEY_NOT_FOUND = "passkey_not_found", 404, "Your account has no such passkey."
    PASSKEY_NAME_INVALID = "passkey_name_invalid", 400, "This name cannot be used."
    LAST_PASSKEY = "last_passkey", 409, "This is your last passkey: without it you cannot sign in again."


class Rejected(Exception):
    """A request that the server turns down for a reason of its own.

    Attributes:
        code: Stable name, status and sentence.
        detail: A more exact sentence for the person at the other end; the code's own sentence when empty.
    """

    def __init__(self, code: ServerCode, detail: str = "") -> None:
        super().__init__(detail or code.message)
        self.code = code
        self.detail = detail or code.message
