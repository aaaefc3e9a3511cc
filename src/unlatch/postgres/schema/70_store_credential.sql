-- PG-9: finish a registration. What pg-webauthn checked comes first, in the order in which PostgreSQL tests CHECKs
-- (by name); then the judge goes through the whole ceremony.
CREATE OR REPLACE FUNCTION webauthn.store_credential(
  credential_id text,
  credential_type webauthn.credential_type,
  attestation_object text,
  client_data_json text,
  credential_at timestamptz DEFAULT now(),
  transports text[] DEFAULT '{}',
  OUT user_id bytea
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  the_id bytea;
  the_object bytea;
  the_client_data bytea;
  the_data bytea;
  the_challenge bytea;
  the_detail text;
  client record;
  attested record;
  ceremony webauthn.credential_challenges;
  verdict webauthn.verdict;
BEGIN
  -- Holds if this is cancelled, which no handler sees: last_error() never says that something was accepted that was not.
  PERFORM webauthn.note('store_unavailable', NULL);
  IF num_nulls(store_credential.credential_id, store_credential.credential_type, store_credential.attestation_object,
               store_credential.client_data_json, store_credential.credential_at) > 0 THEN
    RAISE 'an argument of store_credential is NULL' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  -- Whoever takes over an old row may give its time; infinity would be later than every end, or earlier.
  IF NOT isfinite(store_credential.credential_at) THEN
    RAISE 'credential_at is no point in time' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  the_id := webauthn.base64url_decode(store_credential.credential_id);
  the_object := webauthn.base64url_decode(store_credential.attestation_object);
  the_client_data := webauthn.base64url_decode(store_credential.client_data_json);
  client := webauthn.parse_client_data(the_client_data);
  the_challenge := webauthn.base64url_decode(client.challenge);
  SELECT * INTO ceremony FROM webauthn.credential_challenges AS c
  WHERE c.challenge = the_challenge FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    PERFORM webauthn.note('ceremony_unknown', 'registration.options');
    RETURN;
  END IF;
  the_data := webauthn.attested_data(the_object);
  attested := webauthn.parse_authenticator_data(the_data);
  IF attested.credential_id IS NULL THEN
    RAISE 'a registration without a credential (AT is 0)'
      USING ERRCODE = 'WA003', DETAIL = 'malformed_authenticator_data';
  END IF;
  IF the_id <> attested.credential_id THEN
    PERFORM webauthn.refuse('credentials', 'malformed_credential_id', NULL);
  ELSIF client.type <> 'webauthn.create' THEN
    PERFORM webauthn.refuse('credentials', 'type_mismatch', 'registration.type');
  ELSIF store_credential.credential_at >= ceremony.challenge_at + ceremony.timeout THEN
    PERFORM webauthn.refuse('credentials', 'ceremony_expired', 'registration.options');
  ELSIF ceremony.user_verification = 'required' AND NOT attested.user_verified THEN
    PERFORM webauthn.refuse('credentials', 'user_not_verified', 'registration.user-verification');
  END IF;
  verdict := webauthn.judge_registration(
    ceremony, webauthn.relying_party(ceremony.relying_party_id), the_id, the_object, the_client_data,
    extract(epoch FROM store_credential.credential_at)::double precision);
  PERFORM webauthn.refuse('credentials', verdict);
  IF EXISTS (SELECT FROM webauthn.credentials AS c WHERE c.credential_id = the_id) THEN
    PERFORM webauthn.refuse_duplicate('credentials', 'credentials_pkey');
  END IF;
  INSERT INTO webauthn.credentials
    (credential_id, credential_type, attestation_object, client_data_json, challenge, user_name, user_id,
     credential_at, transports, attestation_type, attestation_trust)
  VALUES
    (the_id, store_credential.credential_type, the_object, the_client_data, the_challenge, ceremony.user_name,
     ceremony.user_id, store_credential.credential_at, coalesce(store_credential.transports, '{}'),
     verdict.attestation_type, verdict.attestation_trust);
  INSERT INTO webauthn.credential_uses (credential_id, sign_count, backup_state)
  VALUES (the_id, attested.sign_count, attested.backup_state);
  user_id := ceremony.user_id;
  PERFORM webauthn.note(NULL, NULL);
EXCEPTION
  WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS the_detail = PG_EXCEPTION_DETAIL;
    PERFORM webauthn.note_error('registration', SQLSTATE, the_detail);
    RAISE;
END
$$;

COMMENT ON FUNCTION webauthn.store_credential(
  text, webauthn.credential_type, text, text, timestamptz, text[]) IS
  'Finish a registration: the user id, NULL where the challenge is unknown, an error that names the CHECK otherwise';
