"""Registering a new credential (section 7.1), from options to record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from unlatch.attestation.policy import AttestationVerdict
from unlatch.ceremonies.challenge import check_challenge
from unlatch.ceremonies.policy import check_timeout, choice, texts
from unlatch.ceremonies.state import CeremonyState, hash_session, make_state
from unlatch.errors import Misconfigured, Refused
from unlatch.record import CredentialRecord, make_record
from unlatch.steps import attestation, authenticator_data, client_data, credential, extensions
from unlatch.terms import (
    Attachment,
    CeremonyKind,
    Mediation,
    ResidentKey,
    RpId,
    UserHandle,
    UserVerification,
)
from unlatch.values import frozen, maker
from unlatch.wire import cbor
from unlatch.wire.extensions.inputs import RegistrationInputs
from unlatch.wire.extensions.outputs import RegistrationOutputs, discoverable
from unlatch.wire.extensions.prf import forget_cleartext
from unlatch.wire.extensions.rules import check_creation_inputs
from unlatch.wire.options import CreationOptions, UserEntity
from unlatch.wire.responses import RegistrationResponse

if TYPE_CHECKING:
    from unlatch.ceremonies.relying_party import RelyingParty


@frozen
class RegistrationCeremony:
    """A registration that has begun.

    Attributes:
        options: For the page; ``options.to_json()``.
        state: For the server, until the finish.
    """

    options: CreationOptions
    state: CeremonyState


@frozen(kw_only=True)
class Registration:
    """A verified registration.

    Attributes:
        record: To be stored; its id must be new among all users (step 26).
        user: The account that it belongs to.
        attestation: Format, type, trust verdict and trust path.
        user_present: UP.
        user_verified: UV.
        client_extension_results: Unsigned outputs; of `prf` never the results.
        authenticator_extensions: Signed outputs; never a `prf` in cleartext.
        unsolicited_extensions: Identifiers of outputs that were not requested.
        origin: Where it happened.
        cross_origin: Whether it happened in a frame of another origin.
        top_origin: The embedding page, where the client names it.
    """

    record: CredentialRecord
    user: UserEntity
    attestation: AttestationVerdict
    user_present: bool
    user_verified: bool
    client_extension_results: Mapping[str, Any]
    authenticator_extensions: Mapping[str, cbor.Value]
    unsolicited_extensions: tuple[str, ...]
    origin: str
    cross_origin: bool
    top_origin: str | None

    @property
    def extensions(self) -> RegistrationOutputs:
        """The outputs of known extensions, typed."""
        return RegistrationOutputs(self.client_extension_results, self.authenticator_extensions)


_registration, _creation_options = maker(Registration), maker(CreationOptions)
_KIND = CeremonyKind.REGISTRATION
_VERIFICATION_REQUIRED = UserVerification.REQUIRED
_CONDITIONAL = Mediation.CONDITIONAL


def begin_registration(
    rp: RelyingParty,
    user: UserEntity,
    *,
    challenge: bytes,
    now: datetime,
    exclude: Iterable[CredentialRecord] = (),
    session: str | None = None,
    mediation: Mediation | None = None,
    user_verification: UserVerification | None = None,
    resident_key: ResidentKey | None = None,
    attachment: Attachment | None = None,
    hints: Iterable[str] | None = None,
    extensions: Mapping[str, Any] | RegistrationInputs | None = None,
    timeout: int | None = None,
) -> RegistrationCeremony:
    """Build creation options and the state that their answer will be judged by (7.1 step 1).

    The arguments are those of `RelyingParty.begin_registration`, with challenge and time given.

    Raises:
        Misconfigured: Arguments that contradict each other or the specification.
        Malformed: An extension input that browsers would ignore or refuse.
    """
    policy = rp.policy
    if not isinstance(user, UserEntity):
        raise Misconfigured(f"user= is a UserEntity with the account's user handle and names, not {user!r}.")
    check_challenge(challenge)
    seconds = policy.timeout if timeout is None else timeout
    check_timeout(seconds)
    verification = choice(UserVerification, user_verification or policy.user_verification, "user_verification")
    mediation = None if mediation is None else choice(Mediation, mediation, "mediation")
    attachment = None if attachment is None else choice(Attachment, attachment, "attachment")
    if mediation is _CONDITIONAL and verification is _VERIFICATION_REQUIRED:
        raise Misconfigured("Conditional create cannot verify the user: browsers refuse it. Do not require it.")
    resident = choice(ResidentKey, resident_key or policy.resident_key, "resident_key")
    known = tuple(exclude)
    for record in known:
        if record.user_handle != user.id or record.rp_id != rp.id:
            raise Misconfigured("exclude= has a record of another user or relying party; pass those of this account.")
    inputs: dict[str, Any] = {}
    if extensions:
        inputs = check_creation_inputs(
            extensions.to_json() if isinstance(extensions, RegistrationInputs) else extensions,
            resident_key=resident,
            user_verification=verification,
            attachment=attachment or policy.attachment,
        )
    options = _creation_options(
        rp_id=rp.id,
        rp_name=rp.name,
        user=user,
        challenge=challenge,
        algorithms=policy.algorithms,
        timeout=seconds * 1000,
        exclude_credentials=tuple([record.descriptor for record in known]),
        attachment=attachment or policy.attachment,
        resident_key=resident,
        user_verification=verification,
        hints=policy.hints if hints is None else texts(hints, "hints"),
        attestation=policy.attestation.conveyance,
        attestation_formats=policy.attestation.preferred_formats,
        extensions=inputs,
    )
    state = make_state(
        kind=_KIND,
        challenge=challenge,
        rp_id=rp.id,
        origins=rp.expected_origins,
        allow_subdomains=policy.allow_subdomains,
        allow_cross_origin=policy.allow_cross_origin,
        top_origins=policy.top_origins,
        created_at=now,
        expires_at=now + timedelta(0, seconds),
        mediation=mediation,
        user=user,
        algorithms=policy.algorithms,
        user_verification=verification,
        attestation=policy.attestation.conveyance,
        extensions=inputs,
        session_hash=hash_session(session),
    )
    return RegistrationCeremony(options, state)


def finish_registration(
    rp: RelyingParty,
    state: CeremonyState,
    response: RegistrationResponse,
    *,
    now: datetime,
    session: str | None = None,
) -> Registration:
    """Verify a registration response (7.1 steps 7 to 28; parsing did steps 3 to 6, 12 and 13).

    Step 26, that the id is new, is the unique constraint of the store that the record goes to.

    Raises:
        Refused: A step says no; `step` names it.
    """
    try:
        return _finish(rp, state, response, now=now, session=session)
    except Refused as refusal:
        raise refusal.during(_KIND) from refusal.__cause__


def _finish(
    rp: RelyingParty, state: CeremonyState, response: RegistrationResponse, *, now: datetime, session: str | None
) -> Registration:
    policy = rp.policy
    cdata = response.client_data
    attested_object = response.attestation_object
    data = attested_object.authenticator_data
    attested = attested_object.attested

    user = state.check_registration(rp.id, session=session, now=now)
    client_data.verify_type(cdata, "webauthn.create")
    client_data.verify_challenge(cdata, state.challenge)
    client_data.verify_origin(cdata, state.origins, subdomains_of=rp.id if state.allow_subdomains else None)
    client_data.verify_cross_origin(cdata, allowed=state.allow_cross_origin)
    client_data.verify_top_origin(cdata, state.top_origins, cross_origin_allowed=state.allow_cross_origin)
    authenticator_data.verify_rp_id_hash(data, (rp.id_hash,))
    authenticator_data.verify_user_presence(data, required=state.mediation is not _CONDITIONAL)
    authenticator_data.verify_user_verification(data, required=state.user_verification is _VERIFICATION_REQUIRED)
    authenticator_data.verify_backup_flags(data)
    authenticator_data.verify_backup_eligibility(data, policy.backup)
    authenticator_data.verify_backup_state(data, required=policy.require_backed_up)
    authenticator_data.verify_algorithm(attested.public_key, state.algorithms)
    attestation.verify_format(attested_object, policy.attestation)
    result = attestation.verify_statement(attested_object, cdata.hash, policy.attestation)
    verdict = attestation.assess_trust(attested_object, result, policy.attestation, now)
    credential.verify_credential_id_length(attested.credential_id)
    unsolicited = extensions.verify_extensions(
        state.extensions,
        response.client_extension_results,
        data.extensions,
        policy.unsolicited_extensions,
        ceremony=_KIND,
        credential_id=attested.credential_id,
    )
    user_verified, client_outputs = data.user_verified, response.client_extension_results
    record = make_record(
        id=attested.credential_id,
        public_key=attested.public_key_bytes,
        sign_count=data.sign_count,
        user_handle=UserHandle(user.id),
        rp_id=RpId(rp.id),
        transports=response.transports,
        uv_initialized=user_verified,
        backup_eligible=data.backup_eligible,
        backup_state=data.backup_state,
        aaguid=attested.aaguid,
        attestation_format=attested_object.format,
        attestation_type=verdict.type,
        trust=verdict.trust,
        discoverable=discoverable(client_outputs),
        attachment=response.authenticator_attachment,
        created_at=now,
        attestation_object=attested_object.raw if policy.keep_attestation else None,
        client_data_json=cdata.raw if policy.keep_attestation else None,
    )
    return _registration(
        record=record,
        user=user,
        attestation=verdict,
        user_present=data.user_present,
        user_verified=user_verified,
        client_extension_results=client_outputs,
        authenticator_extensions=forget_cleartext(data.extensions),
        unsolicited_extensions=unsolicited,
        origin=cdata.origin,
        cross_origin=cdata.cross_origin,
        top_origin=cdata.top_origin,
    )
