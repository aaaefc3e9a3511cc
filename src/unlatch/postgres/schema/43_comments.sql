-- PG-6: what each column is in the specification.
COMMENT ON TABLE webauthn.credential_challenges IS 'Registrations that have begun';
COMMENT ON COLUMN webauthn.credential_challenges.challenge IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialcreationoptions-challenge';
COMMENT ON COLUMN webauthn.credential_challenges.user_name IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialentity-name';
COMMENT ON COLUMN webauthn.credential_challenges.user_id IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialuserentity-id';
COMMENT ON COLUMN webauthn.credential_challenges.user_display_name IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialuserentity-displayname';
COMMENT ON COLUMN webauthn.credential_challenges.relying_party_name IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialentity-name';
COMMENT ON COLUMN webauthn.credential_challenges.relying_party_id IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialrpentity-id';
COMMENT ON COLUMN webauthn.credential_challenges.require_resident_key IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorselectioncriteria-requireresidentkey';
COMMENT ON COLUMN webauthn.credential_challenges.user_verification IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorselectioncriteria-userverification';
COMMENT ON COLUMN webauthn.credential_challenges.attestation IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialcreationoptions-attestation';
COMMENT ON COLUMN webauthn.credential_challenges.timeout IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialcreationoptions-timeout';
COMMENT ON COLUMN webauthn.credential_challenges.challenge_at IS 'When the registration began';

COMMENT ON TABLE webauthn.credentials IS 'Passkeys, as they were registered';
COMMENT ON COLUMN webauthn.credentials.credential_id IS 'https://www.w3.org/TR/webauthn-2/#credential-id';
COMMENT ON COLUMN webauthn.credentials.credential_type IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialdescriptor-type';
COMMENT ON COLUMN webauthn.credentials.attestation_object IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorattestationresponse-attestationobject';
COMMENT ON COLUMN webauthn.credentials.client_data_json IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorresponse-clientdatajson';
COMMENT ON COLUMN webauthn.credentials.challenge IS
  'https://www.w3.org/TR/webauthn-2/#dom-collectedclientdata-challenge';
COMMENT ON COLUMN webauthn.credentials.user_name IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialentity-name';
COMMENT ON COLUMN webauthn.credentials.user_id IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialuserentity-id';
COMMENT ON COLUMN webauthn.credentials.credential_at IS 'When the registration was finished';
COMMENT ON COLUMN webauthn.credentials.rp_id_hash IS 'https://www.w3.org/TR/webauthn-2/#rpidhash';
COMMENT ON COLUMN webauthn.credentials.user_present IS 'https://www.w3.org/TR/webauthn-2/#concept-user-present';
COMMENT ON COLUMN webauthn.credentials.user_verified IS 'https://www.w3.org/TR/webauthn-2/#concept-user-verified';
COMMENT ON COLUMN webauthn.credentials.backup_eligible IS 'https://www.w3.org/TR/webauthn-3/#authdata-flags-be';
COMMENT ON COLUMN webauthn.credentials.backup_state IS 'https://www.w3.org/TR/webauthn-3/#authdata-flags-bs';
COMMENT ON COLUMN webauthn.credentials.attested_credential_data_included IS
  'https://www.w3.org/TR/webauthn-2/#attested-credential-data';
COMMENT ON COLUMN webauthn.credentials.extension_data_included IS
  'https://www.w3.org/TR/webauthn-2/#authdataextensions';
COMMENT ON COLUMN webauthn.credentials.sign_count IS 'https://www.w3.org/TR/webauthn-2/#signcount';
COMMENT ON COLUMN webauthn.credentials.origin IS 'https://www.w3.org/TR/webauthn-2/#dom-collectedclientdata-origin';
COMMENT ON COLUMN webauthn.credentials.cross_origin IS
  'https://www.w3.org/TR/webauthn-2/#dom-collectedclientdata-crossorigin';
COMMENT ON COLUMN webauthn.credentials.aaguid IS 'https://www.w3.org/TR/webauthn-2/#aaguid';
COMMENT ON COLUMN webauthn.credentials.cose_key IS 'https://www.w3.org/TR/webauthn-2/#credentialpublickey';
COMMENT ON COLUMN webauthn.credentials.public_key IS 'x and y of an ES256 key, 64 bytes; NULL for other keys';
COMMENT ON COLUMN webauthn.credentials.transports IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorattestationresponse-gettransports';
COMMENT ON COLUMN webauthn.credentials.attestation_type IS 'https://www.w3.org/TR/webauthn-2/#sctn-attestation-types';
COMMENT ON COLUMN webauthn.credentials.attestation_trust IS
  'What the attestation was worth: none, self, unanchored, anchored';

COMMENT ON TABLE webauthn.assertion_challenges IS 'Sign-ins that have begun';
COMMENT ON COLUMN webauthn.assertion_challenges.challenge IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialrequestoptions-challenge';
COMMENT ON COLUMN webauthn.assertion_challenges.user_name IS 'Who is to sign in; NULL where the passkey tells';
COMMENT ON COLUMN webauthn.assertion_challenges.user_verification IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialrequestoptions-userverification';
COMMENT ON COLUMN webauthn.assertion_challenges.timeout IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialrequestoptions-timeout';
COMMENT ON COLUMN webauthn.assertion_challenges.relying_party_id IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialrequestoptions-rpid';
COMMENT ON COLUMN webauthn.assertion_challenges.challenge_at IS 'When the sign-in began';

COMMENT ON TABLE webauthn.assertions IS 'Sign-ins that were verified';
COMMENT ON COLUMN webauthn.assertions.signature IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorassertionresponse-signature';
COMMENT ON COLUMN webauthn.assertions.challenge IS
  'https://www.w3.org/TR/webauthn-2/#dom-collectedclientdata-challenge';
COMMENT ON COLUMN webauthn.assertions.credential_id IS 'https://www.w3.org/TR/webauthn-2/#credential-id';
COMMENT ON COLUMN webauthn.assertions.authenticator_data IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorassertionresponse-authenticatordata';
COMMENT ON COLUMN webauthn.assertions.client_data_json IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorresponse-clientdatajson';
COMMENT ON COLUMN webauthn.assertions.user_id IS
  'https://www.w3.org/TR/webauthn-2/#dom-publickeycredentialuserentity-id';
COMMENT ON COLUMN webauthn.assertions.user_handle IS
  'https://www.w3.org/TR/webauthn-2/#dom-authenticatorassertionresponse-userhandle';
COMMENT ON COLUMN webauthn.assertions.verified_at IS 'When the sign-in was finished';
COMMENT ON COLUMN webauthn.assertions.rp_id_hash IS 'https://www.w3.org/TR/webauthn-2/#rpidhash';
COMMENT ON COLUMN webauthn.assertions.user_present IS 'https://www.w3.org/TR/webauthn-2/#concept-user-present';
COMMENT ON COLUMN webauthn.assertions.user_verified IS 'https://www.w3.org/TR/webauthn-2/#concept-user-verified';
COMMENT ON COLUMN webauthn.assertions.backup_eligible IS 'https://www.w3.org/TR/webauthn-3/#authdata-flags-be';
COMMENT ON COLUMN webauthn.assertions.backup_state IS 'https://www.w3.org/TR/webauthn-3/#authdata-flags-bs';
COMMENT ON COLUMN webauthn.assertions.attested_credential_data_included IS
  'https://www.w3.org/TR/webauthn-2/#attested-credential-data';
COMMENT ON COLUMN webauthn.assertions.extension_data_included IS
  'https://www.w3.org/TR/webauthn-2/#authdataextensions';
COMMENT ON COLUMN webauthn.assertions.sign_count IS 'https://www.w3.org/TR/webauthn-2/#signcount';
COMMENT ON COLUMN webauthn.assertions.origin IS 'https://www.w3.org/TR/webauthn-2/#dom-collectedclientdata-origin';
COMMENT ON COLUMN webauthn.assertions.cross_origin IS
  'https://www.w3.org/TR/webauthn-2/#dom-collectedclientdata-crossorigin';

COMMENT ON TABLE webauthn.credential_uses IS 'What changes when a passkey is used';
COMMENT ON COLUMN webauthn.credential_uses.credential_id IS 'https://www.w3.org/TR/webauthn-2/#credential-id';
COMMENT ON COLUMN webauthn.credential_uses.sign_count IS
  'The highest counter so far: https://www.w3.org/TR/webauthn-2/#signcount';
COMMENT ON COLUMN webauthn.credential_uses.backup_state IS
  'As last seen: https://www.w3.org/TR/webauthn-3/#authdata-flags-bs';
COMMENT ON COLUMN webauthn.credential_uses.last_used_at IS 'When it last signed in';
