"""Signing in with a passkey that tells by itself whose it is."""

from __future__ import annotations

from sqlalchemy import Connection

from unlatch.ceremonies.authentication import Authentication
from unlatch.flows import Begun, finish_authentication, run_sync
from unlatch.server.keeping import Put
from unlatch.server.registering import Desk
from unlatch.server.removed import CredentialsAndRemoved
from unlatch.server.sessions import close_session, open_session
from unlatch.stores.requests import Stores
from unlatch.stores.sqlalchemy.direct import Direct
from unlatch.terms import Mediation
from unlatch.wire.options import RequestOptions


def begin_sign_in(desk: Desk, put: Put, *, mediation: Mediation | None, binding: str) -> Begun[RequestOptions]:
    """Begin a sign-in. No account is named, so nothing about accounts can be learnt from the options."""
    ceremony = desk.rp.begin_authentication(session=binding, mediation=mediation, now=desk.now)
    return Begun(put(ceremony.state), ceremony.options)


def finish_sign_in(
    desk: Desk,
    connection: Connection,
    *,
    ceremony_id: str,
    credential: dict[str, object],
    binding: str,
    former_token: str | None,
) -> tuple[Authentication, str]:
    """Verify the passkey and open a session.

    Args:
        desk: The relying party.
        connection: Where.
        ceremony_id: As given at the begin.
        credential: AuthenticationResponseJSON.
        binding: The browser that began.
        former_token: Token of a session that this browser still has; the new session replaces it.

    Returns:
        The authentication and the new session's token.

    Raises:
        Refused: The ceremony or the response is not acceptable.
        Malformed: The response is not well-formed.
        Rejected: The passkey is right, but was removed.
    """
    direct = Direct(connection)
    stores = Stores(CredentialsAndRemoved(direct), desk.keeping.within(direct))
    flow = finish_authentication(desk.rp, ceremony_id, credential, session=binding, now=desk.now)
    authentication = run_sync(flow, stores)
    if former_token is not None:
        close_session(connection, former_token)
    token = open_session(
        direct,
        authentication.user_handle,
        credential_id=authentication.record.id,
        now=desk.now,
        settings=desk.settings,
    )
    return authentication, token
