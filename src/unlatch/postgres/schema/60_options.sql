-- Beginning a ceremony: PG-7, PG-8 and PG-10. The caller supplies the random challenge.

CREATE OR REPLACE FUNCTION webauthn.relying_party(relying_party_id text) RETURNS webauthn.config
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  party webauthn.config;
BEGIN
  SELECT * INTO party FROM webauthn.config AS c
  WHERE CASE WHEN relying_party.relying_party_id IS NULL THEN c.is_default
             ELSE c.relying_party_id = relying_party.relying_party_id END;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('webauthn.config has no row for relying party %s',
                       coalesce(quote_literal(relying_party.relying_party_id), 'NULL (no default row)')),
      HINT = 'INSERT INTO webauthn.config (relying_party_id, origins) VALUES (''example.org'', ''{https://example.org}'')';
  END IF;
  RETURN party;
END
$$;

CREATE OR REPLACE FUNCTION webauthn.offered_algorithms(party webauthn.config) RETURNS integer[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN 'options' = ANY (party.compat) THEN '{-7}'
              ELSE coalesce(party.algorithms, webauthn.algorithms()) END
$$;

-- Descriptors (section 5.8.3) of credentials, ordered by id.
CREATE OR REPLACE FUNCTION webauthn.descriptors(credentials webauthn.credentials[], transports boolean) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(
    jsonb_build_object('type', c.credential_type, 'id', webauthn.base64url_encode(c.credential_id))
      || CASE WHEN descriptors.transports AND c.transports <> '{}'
              THEN jsonb_build_object('transports', c.transports) ELSE '{}' END
    ORDER BY c.credential_id), '[]')
  FROM unnest(descriptors.credentials) AS c
$$;

CREATE OR REPLACE FUNCTION webauthn.get_credential_creation_options(challenge bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  ceremony webauthn.credential_challenges;
  party webauthn.config;
  as_before boolean;
  selection jsonb;
  options jsonb;
  known webauthn.credentials[];
BEGIN
  SELECT * INTO ceremony FROM webauthn.credential_challenges AS c
  WHERE c.challenge = get_credential_creation_options.challenge;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  party := webauthn.relying_party(ceremony.relying_party_id);
  as_before := 'options' = ANY (party.compat);
  selection := jsonb_build_object(
    'requireResidentKey', ceremony.require_resident_key, 'userVerification', ceremony.user_verification);
  options := jsonb_build_object(
    'rp', jsonb_strip_nulls(jsonb_build_object(
      'name', ceremony.relying_party_name,
      'id', CASE WHEN as_before THEN ceremony.relying_party_id ELSE party.relying_party_id END)),
    'user', jsonb_build_object(
      'id', webauthn.base64url_encode(ceremony.user_id),
      'name', ceremony.user_name,
      'displayName', ceremony.user_display_name),
    'challenge', webauthn.base64url_encode(ceremony.challenge),
    'timeout', (extract(epoch FROM ceremony.timeout) * 1000)::bigint,
    'attestation', ceremony.attestation,
    'pubKeyCredParams', (
      SELECT jsonb_agg(jsonb_build_object('type', 'public-key', 'alg', o.alg) ORDER BY o.rank)
      FROM unnest(webauthn.offered_algorithms(party)) WITH ORDINALITY AS o(alg, rank)));
  IF NOT as_before THEN
    IF ceremony.require_resident_key THEN
      selection := selection || '{"residentKey": "required"}';
    END IF;
    known := ARRAY(
      SELECT c FROM webauthn.credentials AS c
      WHERE c.user_id = ceremony.user_id AND c.rp_id_hash = sha256(convert_to(party.relying_party_id, 'UTF8')));
    options := options || jsonb_build_object('excludeCredentials', webauthn.descriptors(known, true));
  END IF;
  RETURN jsonb_build_object('publicKey', options || jsonb_build_object('authenticatorSelection', selection));
END
$$;

-- What the caller supplies must not be guessed (section 13.4.3), and must end.
CREATE OR REPLACE FUNCTION webauthn.expect_challenge(challenge bytea, challenge_at timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF length(challenge) NOT BETWEEN 16 AND 1024 THEN
    RAISE 'a challenge is 16 to 1024 random bytes, this one has %', length(challenge)
      USING ERRCODE = 'invalid_parameter_value', DETAIL = 'malformed_options';
  ELSIF NOT isfinite(challenge_at) OR challenge_at > clock_timestamp() + interval '1 minute' THEN
    RAISE 'a ceremony begins now or has begun, this one at %; leave challenge_at out', challenge_at
      USING ERRCODE = 'invalid_parameter_value', DETAIL = 'malformed_options';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION webauthn.init_credential(
  challenge bytea,
  user_name text,
  user_id bytea,
  user_display_name text,
  relying_party_name text,
  relying_party_id text DEFAULT NULL,
  require_resident_key boolean DEFAULT false,
  user_verification webauthn.user_verification_requirement DEFAULT 'preferred',
  attestation webauthn.attestation_conveyance_preference DEFAULT 'none',
  timeout interval DEFAULT '5 minutes',
  challenge_at timestamptz DEFAULT now()
) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  PERFORM webauthn.relying_party(init_credential.relying_party_id);
  PERFORM webauthn.expect_challenge(init_credential.challenge, init_credential.challenge_at);
  -- Browsers refuse it as well, without a word that anybody would see.
  IF length(init_credential.user_id) NOT BETWEEN 1 AND 64 THEN
    RAISE 'a user id is 1 to 64 bytes, this one has %', length(init_credential.user_id)
      USING ERRCODE = 'invalid_parameter_value', DETAIL = 'malformed_options';
  END IF;
  INSERT INTO webauthn.credential_challenges
    (challenge, user_name, user_id, user_display_name, relying_party_name, relying_party_id, require_resident_key,
     user_verification, attestation, timeout, challenge_at)
  VALUES
    (init_credential.challenge, init_credential.user_name, init_credential.user_id, init_credential.user_display_name,
     init_credential.relying_party_name, init_credential.relying_party_id, init_credential.require_resident_key,
     init_credential.user_verification, init_credential.attestation, init_credential.timeout,
     init_credential.challenge_at);
  RETURN webauthn.get_credential_creation_options(init_credential.challenge);
END
$$;

CREATE OR REPLACE FUNCTION webauthn.get_credentials(
  challenge bytea,
  user_name text DEFAULT NULL,
  user_verification webauthn.user_verification_requirement DEFAULT 'preferred',
  timeout interval DEFAULT '5 minutes',
  relying_party_id text DEFAULT NULL,
  challenge_at timestamptz DEFAULT now()
) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  party webauthn.config;
  as_before boolean;
  known webauthn.credentials[];
BEGIN
  party := webauthn.relying_party(get_credentials.relying_party_id);
  PERFORM webauthn.expect_challenge(get_credentials.challenge, get_credentials.challenge_at);
  as_before := 'options' = ANY (party.compat);
  INSERT INTO webauthn.assertion_challenges
    (challenge, user_name, user_verification, timeout, relying_party_id, challenge_at)
  VALUES
    (get_credentials.challenge, get_credentials.user_name, get_credentials.user_verification,
     get_credentials.timeout, get_credentials.relying_party_id, get_credentials.challenge_at);
  known := ARRAY(
    SELECT c FROM webauthn.credentials AS c
    WHERE c.user_name = get_credentials.user_name
      AND ('relying_party' = ANY (party.compat)
           OR c.rp_id_hash = sha256(convert_to(party.relying_party_id, 'UTF8'))));
  RETURN jsonb_build_object('publicKey', jsonb_strip_nulls(jsonb_build_object(
    'challenge', webauthn.base64url_encode(get_credentials.challenge),
    'timeout', (extract(epoch FROM get_credentials.timeout) * 1000)::bigint,
    'rpId', CASE WHEN as_before THEN get_credentials.relying_party_id ELSE party.relying_party_id END,
    'allowCredentials', webauthn.descriptors(known, NOT as_before),
    'userVerification', get_credentials.user_verification)));
END
$$;

COMMENT ON FUNCTION webauthn.relying_party(text) IS 'The row of webauthn.config that a call means; an error where there is none';
COMMENT ON FUNCTION webauthn.offered_algorithms(webauthn.config) IS 'COSE identifiers for pubKeyCredParams, best first';
COMMENT ON FUNCTION webauthn.descriptors(webauthn.credentials[], boolean) IS
  'https://www.w3.org/TR/webauthn-2/#dictdef-publickeycredentialdescriptor';
COMMENT ON FUNCTION webauthn.get_credential_creation_options(bytea) IS
  'The options of a registration that has begun, for another device; NULL where the challenge is unknown';
COMMENT ON FUNCTION webauthn.expect_challenge(bytea, timestamptz) IS
  'Refuse a challenge that could be guessed, and one that would never end';
COMMENT ON FUNCTION webauthn.init_credential(
  bytea, text, bytea, text, text, text, boolean, webauthn.user_verification_requirement,
  webauthn.attestation_conveyance_preference, interval, timestamptz) IS
  'Begin a registration: https://www.w3.org/TR/webauthn-2/#dictdef-publickeycredentialcreationoptions';
COMMENT ON FUNCTION webauthn.get_credentials(
  bytea, text, webauthn.user_verification_requirement, interval, text, timestamptz) IS
  'Begin a sign-in: https://www.w3.org/TR/webauthn-2/#dictdef-publickeycredentialrequestoptions';
