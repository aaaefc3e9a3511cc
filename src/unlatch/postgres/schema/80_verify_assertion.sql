-- PG-11: finish a sign-in. What pg-webauthn checked comes first, in the order in which PostgreSQL tests CHECKs (by
-- name), but for the signature, which the judge verifies in the course of the whole ceremony.
CREATE OR REPLACE FUNCTION webauthn.verify_assertion(
  credential_id text,
  credential_type webauthn.credential_type,
  authenticator_data text,
  client_data_json text,
  signature text,
  user_handle text,
  verified_at timestamptz DEFAULT now(),
  OUT user_id bytea
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  the_id bytea;
  the_data bytea;
  the_client_data bytea;
  the_signature bytea;
  the_handle bytea;
  the_challenge bytea;
  the_detail text;
  client record;
  data record;
  ceremony webauthn.assertion_challenges;
  credential webauthn.credentials;
  used webauthn.credential_uses;
  party webauthn.config;
BEGIN
  -- Holds if this is cancelled, which no handler sees: last_error() never says that something was accepted that was not.
  PERFORM webauthn.note('store_unavailable', NULL);
  IF num_nulls(verify_assertion.credential_id, verify_assertion.credential_type, verify_assertion.authenticator_data,
               verify_assertion.client_data_json, verify_assertion.signature, verify_assertion.verified_at) > 0 THEN
    RAISE 'an argument of verify_assertion is NULL; only user_handle may be'
      USING ERRCODE = 'null_value_not_allowed';
  END IF;
  -- Whoever takes over an old row may give its time; infinity would be later than every end, or earlier.
  IF NOT isfinite(verify_assertion.verified_at) THEN
    RAISE 'verified_at is no point in time' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  the_id := webauthn.base64url_decode(verify_assertion.credential_id);
  the_data := webauthn.base64url_decode(verify_assertion.authenticator_data);
  the_client_data := webauthn.base64url_decode(verify_assertion.client_data_json);
  the_signature := webauthn.base64url_decode(verify_assertion.signature);
  the_handle := webauthn.base64url_decode(nullif(verify_assertion.user_handle, ''));
  client := webauthn.parse_client_data(the_client_data);
  the_challenge := webauthn.base64url_decode(client.challenge);
  SELECT * INTO ceremony FROM webauthn.assertion_challenges AS c
  WHERE c.challenge = the_challenge;
  IF NOT FOUND THEN
    PERFORM webauthn.note('ceremony_unknown', 'authentication.options');
    RETURN;
  END IF;
  party := webauthn.relying_party(ceremony.relying_party_id);
  SELECT * INTO credential FROM webauthn.credentials AS c
  WHERE c.credential_id = the_id AND c.credential_type = verify_assertion.credential_type
    AND ('relying_party' = ANY (party.compat)
         OR c.rp_id_hash = sha256(convert_to(party.relying_party_id, 'UTF8')));
  IF NOT FOUND THEN
    PERFORM webauthn.note('credential_unknown', 'authentication.user');
    RETURN;
  ELSIF ceremony.user_name <> credential.user_name THEN
    PERFORM webauthn.note('credential_of_another_user', 'authentication.user');
    RETURN;
  END IF;
  data := webauthn.parse_authenticator_data(the_data);
  -- Sign-ins of one credential go one after the other: each counter is compared with the one before it, and who
  -- repeats an assertion at the same time finds it there.
  SELECT * INTO used FROM webauthn.credential_uses AS u WHERE u.credential_id = the_id FOR NO KEY UPDATE;
  used.sign_count := coalesce(used.sign_count, credential.sign_count);
  IF client.type <> 'webauthn.get' THEN
    PERFORM webauthn.refuse('assertions', 'type_mismatch', 'authentication.type');
  ELSIF the_handle <> credential.user_id THEN
    PERFORM webauthn.refuse('assertions', 'user_handle_mismatch', 'authentication.user');
  ELSIF ceremony.user_verification = 'required' AND NOT data.user_verified THEN
    PERFORM webauthn.refuse('assertions', 'user_not_verified', 'authentication.user-verification');
  ELSIF verify_assertion.verified_at >= ceremony.challenge_at + ceremony.timeout THEN
    PERFORM webauthn.refuse('assertions', 'ceremony_expired', 'authentication.options');
  END IF;

  -- PG-14, said here because the order of indexes, which decides what PostgreSQL says, is another after a dump.
  IF EXISTS (SELECT FROM webauthn.assertions AS a
             WHERE a.challenge = the_challenge AND a.signature = the_signature
               AND a.authenticator_data = the_data AND a.client_data_json = the_client_data) THEN
    PERFORM webauthn.refuse_duplicate('assertions', 'assertions_pkey');
  END IF;
  PERFORM webauthn.refuse('assertions', webauthn.judge_authentication(
    ceremony, party, credential,
    -- A second answer to one challenge has no other fault than that: the insert says so.
    CASE WHEN EXISTS (SELECT FROM webauthn.assertions AS a WHERE a.challenge = the_challenge) THEN 0
         ELSE used.sign_count END,
    the_data, the_client_data, the_signature, the_handle,
    extract(epoch FROM verify_assertion.verified_at)::double precision));
  INSERT INTO webauthn.assertions
    (signature, challenge, credential_id, authenticator_data, client_data_json, user_id, user_handle, verified_at)
  VALUES
    (the_signature, the_challenge, the_id, the_data, the_client_data, credential.user_id, the_handle,
     verify_assertion.verified_at);
  -- A regression that the configuration lets pass does not lower what the next sign-in is measured by.
  INSERT INTO webauthn.credential_uses AS u (credential_id, sign_count, backup_state, last_used_at)
  VALUES (the_id, data.sign_count, data.backup_state, verify_assertion.verified_at)
  ON CONFLICT (credential_id) DO UPDATE
  SET sign_count = greatest(u.sign_count, excluded.sign_count),
      backup_state = excluded.backup_state,
      last_used_at = excluded.last_used_at;
  user_id := credential.user_id;
  PERFORM webauthn.note(NULL, NULL);
EXCEPTION
  WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS the_detail = PG_EXCEPTION_DETAIL;
    PERFORM webauthn.note_error('authentication', SQLSTATE, the_detail);
    RAISE;
END
$$;

COMMENT ON FUNCTION webauthn.verify_assertion(
  text, webauthn.credential_type, text, text, text, text, timestamptz) IS
  'Finish a sign-in: the user id, NULL where challenge or credential is unknown, an error that names the CHECK otherwise';
