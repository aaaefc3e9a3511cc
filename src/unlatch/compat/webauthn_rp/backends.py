"""The two checks: of an attestation and of an assertion. The ceremonies of this library do them; this translates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from unlatch.ceremonies.authentication import finish_authentication
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.registration import finish_registration
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.ceremonies.state import CeremonyState
from unlatch.compat.webauthn_rp.attesters import attestation_type, trusted_path
from unlatch.compat.webauthn_rp.errors import (
    CredentialDataError,
    ExtensionError,
    InternalError,
    ParserError,
    RegistrationError,
    RPIDError,
    RPNotFoundError,
    WebAuthnRPError,
    translated,
)
from unlatch.compat.webauthn_rp.expectations import (
    challenge_for,
    check_token_binding,
    origins_for,
    party_for,
    user_for,
)
from unlatch.compat.webauthn_rp.keys import to_cose
from unlatch.compat.webauthn_rp.parsers import from_own_data, from_own_object
from unlatch.compat.webauthn_rp.types import (
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    ExtensionIdentifier,
    PublicKeyCredential,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    TokenBinding,
)
from unlatch.errors import UnlatchError
from unlatch.record import CredentialRecord
from unlatch.steps.credential import CounterRegression, verify_allowed
from unlatch.terms import CeremonyKind, CredentialId, RpId, UserHandle, UserVerification
from unlatch.wire import base64url
from unlatch.wire.algorithms import ALGORITHMS
from unlatch.wire.options import UserEntity
from unlatch.wire.responses import AuthenticationResponse, RegistrationResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unlatch.compat.webauthn_rp.registrars import CredentialData, CredentialsRegistrar

#: The backend is not told what the options offered: unless a policy says less, whatever we can verify is accepted.
_ALL_ALGORITHMS = tuple(row.id for row in ALGORITHMS.values() if row.for_credentials)
#: Each check is a ceremony that begins and ends now; how long a challenge lives is the application's to say.
_LIFE = timedelta(seconds=60)


class CredentialsBackend:
    """Checks what pages send, and tells the registrar.

    The challenge is the application's: it must be random, belong to one user, and be forgotten before the answer to it
    is looked at, or an answer can be sent twice.
    """

    def __init__(self, registrar: CredentialsRegistrar, *, policy: Policy | None = None) -> None:
        """Bring backend and registrar together.

        Args:
            registrar: Keeps the credentials.
            policy: What is accepted beyond what the calls say: algorithms, attestation, frames, counters. Not known to
                the older library; without it every algorithm and every sound attestation is accepted.
        """
        self.registrar = registrar
        self._policy = policy or Policy(algorithms=_ALL_ALGORITHMS)

    def handle_credential_attestation(
        self,
        *,
        credential: PublicKeyCredential,
        user: PublicKeyCredentialUserEntity,
        rp: PublicKeyCredentialRpEntity,
        expected_challenge: bytes,
        expected_origin: str | Collection[str],
        token_binding: TokenBinding | None = None,
        require_user_verification: bool = False,
        expected_extensions: Set[ExtensionIdentifier] | None = None,
    ) -> None:
        """Check a registration, and hand the credential to the registrar.

        Args:
            credential: From `parse_public_key_credential`.
            user: Who registers.
            rp: The Relying Party.
            expected_challenge: As in the options.
            expected_origin: Where the page lives; several are possible.
            token_binding: What the connection was bound to.
            require_user_verification: Whether the user must be verified.
            expected_extensions: Extensions that must have answered.

        Raises:
            WebAuthnRPError: The class says which check refused.
        """
        with _translated():
            response = credential.response
            if not isinstance(response, AuthenticatorAttestationResponse):
                raise ParserError("An attestation was expected, not an assertion.")
            parsed = RegistrationResponse.from_json(_body(credential), key_order=self._policy.key_order)
            check_token_binding(parsed.client_data, token_binding)
            origins = origins_for(expected_origin)
            party = party_for(rp, origins, self._policy)
            state = _state(
                CeremonyKind.REGISTRATION, party, expected_challenge, origins, verification=require_user_verification
            )
            state = replace(state, user=user_for(user), algorithms=self._policy.algorithms)
            registration = finish_registration(party, state, parsed, now=datetime.now(UTC))
            data = parsed.attestation_object.authenticator_data
            _expect_extensions(expected_extensions, registration.client_extension_results, data.extensions)
        verdict = registration.attestation
        _register(
            self.registrar.register_credential_attestation,
            credential,
            from_own_object(parsed.attestation_object),
            attestation_type(verdict.type),
            user,
            rp,
            trusted_path(verdict.trust_path),
        )

    def handle_credential_assertion(
        self,
        *,
        credential: PublicKeyCredential,
        expected_challenge: bytes,
        expected_origin: str | Collection[str],
        rp: PublicKeyCredentialRpEntity | None = None,
        user: PublicKeyCredentialUserEntity | None = None,
        allow_credentials: Sequence[PublicKeyCredentialDescriptor] | None = None,
        token_binding: TokenBinding | None = None,
        require_user_verification: bool = False,
        expected_extensions: Set[ExtensionIdentifier] | None = None,
        ignore_clone_error: bool = False,
    ) -> None:
        """Check an authentication, and tell the registrar.

        Args:
            credential: From `parse_public_key_credential`.
            expected_challenge: As in the options.
            expected_origin: Where the page lives; several are possible.
            rp: The Relying Party; the registrar names it when left out.
            user: Who signs in; without it the credential's user handle must say so.
            allow_credentials: As in the options.
            token_binding: What the connection was bound to.
            require_user_verification: Whether the user must be verified.
            expected_extensions: Extensions that must have answered.
            ignore_clone_error: Accept a counter that did not grow.

        Raises:
            WebAuthnRPError: The class says which check refused.
        """
        with _translated():
            if not isinstance(credential.response, AuthenticatorAssertionResponse):
                raise ParserError("An assertion was expected, not an attestation.")
            parsed = AuthenticationResponse.from_json(_body(credential), key_order=self._policy.key_order)
            allowed = tuple(descriptor.id for descriptor in allow_credentials or ())
            verify_allowed(parsed.credential_id, allowed)
            known = self._known(credential.raw_id)
            entity = _relying_party(rp, known.rp_entity)
            check_token_binding(parsed.client_data, token_binding)
            policy = self._policy
            if ignore_clone_error:
                policy = replace(policy, counter_regression=CounterRegression.IGNORE)
            origins = origins_for(expected_origin)
            party = party_for(entity, origins, policy)
            state = _state(
                CeremonyKind.AUTHENTICATION, party, expected_challenge, origins, verification=require_user_verification
            )
            state = replace(state, user=None if user is None else user_for(user), allow_credentials=allowed)
            record = _record(credential.raw_id, known, party)
            authentication = finish_authentication(party, state, parsed, record, now=datetime.now(UTC))
            data = parsed.authenticator_data
            _expect_extensions(expected_extensions, authentication.client_extension_results, data.extensions)
        _register(
            self.registrar.register_credential_assertion, credential, from_own_data(data), known.user_entity, entity
        )

    def _known(self, credential_id: bytes) -> CredentialData:
        try:
            known = self.registrar.get_credential_data(credential_id)
        except Exception as error:
            raise RegistrationError(f"The registrar raised {type(error).__name__}.") from error
        if known is None:
            raise CredentialDataError("The registrar knows no credential with this id.")
        return known


@contextmanager
def _translated() -> Iterator[None]:
    """Let nothing out but errors of the older library."""
    try:
        yield
    except WebAuthnRPError:
        raise
    except UnlatchError as error:
        raise translated(error) from error
    except Exception as error:
        raise InternalError(f"{type(error).__name__} where no error was expected.") from error


def _register(method: Callable[..., Any], *arguments: Any) -> None:
    try:
        answer = method(*arguments)
    except Exception as error:
        raise RegistrationError(f"The registrar raised {type(error).__name__}.") from error
    if answer is not None:
        raise RegistrationError(f"The registrar returned {answer!r}, where None stands for success.")


def _relying_party(
    given: PublicKeyCredentialRpEntity | None, known: PublicKeyCredentialRpEntity | None
) -> PublicKeyCredentialRpEntity:
    if given is not None and known is not None and given.id != known.id:
        raise RPIDError("The credential belongs to another Relying Party.")
    entity = given or known
    if entity is None:
        raise RPNotFoundError("Pass rp=, or let the registrar return an rp_entity.")
    return entity


def _state(
    kind: CeremonyKind, party: RelyingParty, challenge: bytes, origins: tuple[str, ...], *, verification: bool
) -> CeremonyState:
    now = datetime.now(UTC)
    policy = party.policy
    return CeremonyState(
        kind=kind,
        challenge=challenge_for(challenge),
        rp_id=party.id,
        origins=origins,
        created_at=now,
        expires_at=now + _LIFE,
        allow_subdomains=policy.allow_subdomains,
        allow_cross_origin=policy.allow_cross_origin,
        top_origins=policy.top_origins,
        user_verification=UserVerification.REQUIRED if verification else policy.user_verification,
    )


def _record(credential_id: bytes, known: CredentialData, party: RelyingParty) -> CredentialRecord:
    """What the registrar knows, as a record; of backup eligibility it knows nothing, so either is accepted."""
    user: UserEntity = user_for(known.user_entity)
    return CredentialRecord(
        id=CredentialId(credential_id),
        public_key=to_cose(known.credential_public_key),
        sign_count=known.signature_count or 0,
        user_handle=UserHandle(user.id),
        rp_id=RpId(party.id),
    )


def _expect_extensions(
    expected: Set[ExtensionIdentifier] | None, client_outputs: Collection[str], signed_outputs: Collection[str]
) -> None:
    for identifier in expected or ():
        if identifier.value not in client_outputs and identifier.value not in signed_outputs:
            raise ExtensionError(f"The extension {identifier.value!r} did not answer.")


def _body(credential: PublicKeyCredential) -> dict[str, Any]:
    """The answer as the specification writes it, for our reader."""
    response = credential.response
    inner: dict[str, Any] = {"clientDataJSON": base64url.encode(response.client_data_JSON)}
    if isinstance(response, AuthenticatorAttestationResponse):
        inner["attestationObject"] = base64url.encode(response.attestation_object)
        inner["transports"] = list(response.transports)
    else:
        inner["authenticatorData"] = base64url.encode(response.authenticator_data)
        inner["signature"] = base64url.encode(response.signature)
        inner["userHandle"] = None if response.user_handle is None else base64url.encode(response.user_handle)
    return {
        "id": base64url.encode(credential.raw_id),
        "type": credential.type,
        "response": inner,
        "clientExtensionResults": dict(credential.client_extension_results),
        "authenticatorAttachment": credential.authenticator_attachment,
    }
