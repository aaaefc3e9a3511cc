-- The backend `sql`: the steps of both ceremonies in plain PL/pgSQL, in the order of the specification and with the
-- codes and step names of the library. Type, challenge, life span, user verification and whose credential it is were
-- looked at before, in store_credential and verify_assertion.

CREATE OR REPLACE FUNCTION webauthn.verdict(code text, step text, detail text DEFAULT NULL, kind text DEFAULT NULL)
RETURNS webauthn.verdict
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ROW(code, step, detail, kind, kind)::webauthn.verdict;

-- The steps that both ceremonies have: origin, framing, RP ID hash, user presence, backup flags.
CREATE OR REPLACE FUNCTION webauthn.judge_client(
  ceremony text, party webauthn.config, authenticator_data bytea, client_data bytea
) RETURNS webauthn.verdict
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  client CONSTANT record := webauthn.parse_client_data(client_data);
  data CONSTANT record := webauthn.parse_authenticator_data(authenticator_data);
  refused text[];
BEGIN
  refused := CASE
    WHEN client.origin <> ALL (party.origins) AND 'origin' <> ALL (party.compat)
      THEN ARRAY['origin_not_expected', 'origin']
    WHEN client.cross_origin AND NOT party.allow_cross_origin AND 'framing' <> ALL (party.compat)
      THEN ARRAY['cross_origin_not_expected', 'cross-origin']
    WHEN client.top_origin IS NOT NULL AND 'framing' <> ALL (party.compat)
      -- A top origin without a frame is a contradiction.
      AND NOT (party.allow_cross_origin AND client.cross_origin
               AND (client.top_origin = ANY (party.top_origins) OR '*' = ANY (party.top_origins)))
      THEN ARRAY['top_origin_not_expected', 'top-origin']
    WHEN data.rp_id_hash <> sha256(convert_to(party.relying_party_id, 'UTF8')) AND 'rp_id_hash' <> ALL (party.compat)
      THEN ARRAY['rp_id_hash_mismatch', 'rp-id-hash']
    WHEN NOT data.user_present AND 'user_presence' <> ALL (party.compat)
      THEN ARRAY['user_not_present', 'user-presence']
    WHEN data.backup_state AND NOT data.backup_eligible AND 'backup' <> ALL (party.compat)
      THEN ARRAY['backup_state_without_eligibility', 'backup-flags']
  END;
  RETURN webauthn.verdict(refused[1], ceremony || '.' || refused[2]);
END
$$;

CREATE OR REPLACE FUNCTION webauthn.judge_registration(
  ceremony webauthn.credential_challenges,
  party webauthn.config,
  credential_id bytea,
  attestation_object bytea,
  client_data bytea,
  at double precision
) RETURNS webauthn.verdict
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  object CONSTANT record := webauthn.parse_attestation_object(attestation_object);
  data CONSTANT record := webauthn.parse_authenticator_data(object.auth_data);
  verdict webauthn.verdict;
  kind text := 'none';
  the_detail text;
BEGIN
  PERFORM webauthn.expect_credential_key(data.credential_public_key);
  verdict := webauthn.judge_client('registration', party, object.auth_data, client_data);
  IF verdict.code IS NOT NULL THEN
    RETURN verdict;
  ELSIF party.backup = 'forbidden' AND data.backup_eligible THEN
    RETURN webauthn.verdict('backup_not_allowed', 'registration.backup-eligibility');
  ELSIF party.backup = 'required' AND NOT data.backup_eligible THEN
    RETURN webauthn.verdict('backup_required', 'registration.backup-eligibility');
  ELSIF webauthn.expect_credential_key(data.credential_public_key) <> ALL (webauthn.offered_algorithms(party)) THEN
    RETURN webauthn.verdict('algorithm_not_offered', 'registration.algorithm');
  END IF;
  IF 'attestation' <> ALL (party.compat) THEN
    kind := webauthn.verify_registration_statement(
      object.fmt, object.att_stmt, object.auth_data, sha256(client_data));
  END IF;
  IF webauthn.aaguid(object.auth_data) <> ALL (party.permitted_aaguids) THEN
    RETURN webauthn.verdict('aaguid_not_allowed', 'registration.attestation-trust');
  ELSIF party.required_trust NOT IN ('none', kind) THEN
    RETURN webauthn.verdict(
      'attestation_not_allowed', 'registration.attestation-trust',
      format('%s is asked for, this is %s; the sql backend knows none and self', party.required_trust, kind));
  ELSIF length(data.credential_id) > 1023 THEN
    RETURN webauthn.verdict('credential_id_too_long', 'registration.credential-id-length');
  END IF;
  PERFORM webauthn.expect_extension_outputs('registration', data.extensions);
  RETURN webauthn.verdict(NULL, NULL, NULL, kind);
EXCEPTION
  -- The four classes of refusals of the verifiers; what is malformed is no verdict.
  WHEN SQLSTATE 'WA001' THEN
    RETURN webauthn.verdict('algorithm_not_offered', 'registration.algorithm', SQLERRM);
  WHEN SQLSTATE 'WA002' THEN
    RETURN webauthn.verdict('attestation_format_not_supported', 'registration.format', SQLERRM);
  WHEN SQLSTATE 'WA004' THEN
    GET STACKED DIAGNOSTICS the_detail = PG_EXCEPTION_DETAIL;
    RETURN webauthn.verdict(the_detail, 'registration.attestation-statement', SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION webauthn.judge_authentication(
  ceremony webauthn.assertion_challenges,
  party webauthn.config,
  credential webauthn.credentials,
  sign_count bigint,
  authenticator_data bytea,
  client_data bytea,
  signature bytea,
  user_handle bytea,
  at double precision
) RETURNS webauthn.verdict
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  data CONSTANT record := webauthn.parse_authenticator_data(authenticator_data);
  verdict webauthn.verdict;
BEGIN
  IF data.attested_credential_data_included THEN
    RETURN webauthn.verdict('malformed_authenticator_data', NULL, 'an assertion with a credential');
  ELSIF user_handle IS NULL AND ceremony.user_name IS NULL AND 'user_handle' <> ALL (party.compat) THEN
    RETURN webauthn.verdict('user_handle_missing', 'authentication.user');
  END IF;
  verdict := webauthn.judge_client('authentication', party, authenticator_data, client_data);
  IF verdict.code IS NOT NULL THEN
    RETURN verdict;
  ELSIF data.backup_eligible <> credential.backup_eligible AND 'backup' <> ALL (party.compat)
    AND party.eligibility_change <> 'report'
    AND NOT (party.eligibility_change = 'allow-upgrade' AND data.backup_eligible) THEN
    RETURN webauthn.verdict('backup_eligibility_changed', 'authentication.backup-eligibility');
  ELSIF NOT webauthn.verify_signature(credential.cose_key, authenticator_data || sha256(client_data), signature) THEN
    RETURN webauthn.verdict('signature_invalid', 'authentication.signature');
  ELSIF data.sign_count <= sign_count AND (data.sign_count > 0 OR sign_count > 0)
    AND party.counter_regression = 'refuse' AND 'sign_count' <> ALL (party.compat) THEN
    RETURN webauthn.verdict('sign_count_regressed', 'authentication.sign-count');
  END IF;
  PERFORM webauthn.expect_extension_outputs('authentication', data.extensions);
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION webauthn.algorithms() RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{-8,-7,-257,-9,-19}'::integer[];

CREATE OR REPLACE FUNCTION webauthn.backend() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'sql';

COMMENT ON FUNCTION webauthn.verdict(text, text, text, text) IS
  'A refusal, or what an accepted attestation is: its type and its trust have the same name, none or self';
COMMENT ON FUNCTION webauthn.judge_client(text, webauthn.config, bytea, bytea) IS
  'The steps that both ceremonies have: origin to backup flags';
