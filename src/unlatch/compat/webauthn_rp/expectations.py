"""What the caller of the backend expects, in our words."""

from __future__ import annotations

from collections.abc import Collection
from hmac import compare_digest

from unlatch.ceremonies.challenge import check_challenge
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.compat.webauthn_rp.errors import ChallengeError, OriginError, RPIDError, TokenBindingError, UserIDError
from unlatch.compat.webauthn_rp.parsers import parse_origin
from unlatch.compat.webauthn_rp.types import (
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    TokenBinding,
    TokenBindingStatus,
)
from unlatch.errors import Malformed, Misconfigured
from unlatch.wire.client_data import CollectedClientData
from unlatch.wire.options import UserEntity

#: Native applications; the older library knew web origins alone.
_APPS = ("android:", "ios:")


def origins_for(expected: str | Collection[str]) -> tuple[str, ...]:
    """Expected origins as browsers write them.

    Raises:
        OriginError: None, or something that is no origin.
    """
    given = [expected] if isinstance(expected, str) else list(expected)
    if not given:
        raise OriginError("No origin is expected; name at least one.")
    return tuple(dict.fromkeys(origin if origin.startswith(_APPS) else _written(origin) for origin in given))


def _written(origin: str) -> str:
    parsed = parse_origin(origin)
    return f"{parsed.scheme}://{parsed.hostname}" + ("" if parsed.port is None else f":{parsed.port}")


def party_for(entity: PublicKeyCredentialRpEntity, origins: tuple[str, ...], policy: Policy) -> RelyingParty:
    """The Relying Party; without an id, the one host of the expected origins is its id.

    Raises:
        RPIDError: No id, and more than one host; or an id that cannot be one, or not that of the origins.
    """
    web = [origin for origin in origins if not origin.startswith(_APPS)]
    hosts = {parse_origin(origin).hostname for origin in web}
    rp_id = entity.id
    if rp_id is None:
        if len(hosts) != 1:
            raise RPIDError("The Relying Party has no id, and the origins have not one host: give it an id.")
        (rp_id,) = hosts
    try:
        return RelyingParty(
            id=rp_id,
            name=entity.name,
            origins=web,
            app_origins=[origin for origin in origins if origin.startswith(_APPS)],
            policy=policy,
        )
    except Misconfigured as error:
        raise RPIDError(error.detail) from error


def user_for(user: PublicKeyCredentialUserEntity) -> UserEntity:
    """The user as ours.

    Raises:
        UserIDError: The id is not 1 to 64 bytes.
    """
    try:
        return UserEntity(user.id, user.name, user.display_name)
    except Malformed as error:
        raise UserIDError(error.detail) from error


def challenge_for(challenge: bytes) -> bytes:
    """The challenge, if it can be one.

    Raises:
        ChallengeError: Not 16 to 1024 bytes.
    """
    try:
        check_challenge(challenge)
    except Misconfigured as error:
        raise ChallengeError(error.detail) from error
    return challenge


def check_token_binding(client_data: CollectedClientData, expected: TokenBinding | None) -> None:
    """The connection was bound to this token, or to none.

    The specification has reserved the member and ignores it; who asks for it gets it checked.

    Raises:
        TokenBindingError: Another token, one that was not expected, or none where one was.
    """
    found = client_data.members.get("tokenBinding")
    status = found.get("status") if isinstance(found, dict) else None
    if expected is None or expected.status is not TokenBindingStatus.PRESENT:
        if status == TokenBindingStatus.PRESENT.value:
            raise TokenBindingError("The connection was bound to a token that is not expected.")
        return
    identifier = found.get("id") if isinstance(found, dict) else None
    same = isinstance(identifier, str) and compare_digest(identifier.encode(), (expected.id or "").encode())
    if status != TokenBindingStatus.PRESENT.value or not same:
        raise TokenBindingError("The connection was not bound to the expected token.")
