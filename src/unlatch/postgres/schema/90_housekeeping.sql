-- PG-12: what is left of the helpers; and the broom that pg-webauthn lacked (PG-17).

CREATE OR REPLACE FUNCTION webauthn.credential_public_key(credential_id bytea) RETURNS bytea
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$ SELECT c.public_key FROM webauthn.credentials AS c WHERE c.credential_id = $1 $$;

CREATE OR REPLACE FUNCTION webauthn.credential_challenge_expiration(challenge bytea) RETURNS timestamptz
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$ SELECT c.challenge_at + c.timeout FROM webauthn.credential_challenges AS c WHERE c.challenge = $1 $$;

CREATE OR REPLACE FUNCTION webauthn.credential_challenge_user_verification(challenge bytea)
RETURNS webauthn.user_verification_requirement
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$ SELECT c.user_verification FROM webauthn.credential_challenges AS c WHERE c.challenge = $1 $$;

CREATE OR REPLACE FUNCTION webauthn.assertion_challenge_expiration(challenge bytea) RETURNS timestamptz
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$ SELECT c.challenge_at + c.timeout FROM webauthn.assertion_challenges AS c WHERE c.challenge = $1 $$;

CREATE OR REPLACE FUNCTION webauthn.assertion_challenge_user_verification(challenge bytea)
RETURNS webauthn.user_verification_requirement
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$ SELECT c.user_verification FROM webauthn.assertion_challenges AS c WHERE c.challenge = $1 $$;

-- Single use rests on rows that stay (PG-17), so a row goes only when its challenge has expired: from then on it
-- is refused as unknown, whatever is sent again. Counters stay in credential_uses.
CREATE OR REPLACE FUNCTION webauthn.prune(
  older_than interval, OUT credential_challenges bigint, OUT assertion_challenges bigint, OUT assertions bigint
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  before CONSTANT timestamptz := now() - greatest(older_than, interval '0');
BEGIN
  DELETE FROM webauthn.assertions AS a USING webauthn.assertion_challenges AS c
  WHERE c.challenge = a.challenge AND c.challenge_at + c.timeout <= before;
  GET DIAGNOSTICS assertions = ROW_COUNT;
  DELETE FROM webauthn.assertion_challenges AS c
  WHERE c.challenge_at + c.timeout <= before
    AND NOT EXISTS (SELECT FROM webauthn.assertions AS a WHERE a.challenge = c.challenge);
  GET DIAGNOSTICS assertion_challenges = ROW_COUNT;
  DELETE FROM webauthn.credential_challenges AS c
  WHERE c.challenge_at + c.timeout <= before
    AND NOT EXISTS (SELECT FROM webauthn.credentials AS k WHERE k.challenge = c.challenge);
  GET DIAGNOSTICS credential_challenges = ROW_COUNT;
END
$$;

-- A script that plays the latest sign-in again in an empty database, with its times.
CREATE OR REPLACE FUNCTION webauthn.generate_test() RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT concat_ws(E'\n',
    format('SELECT webauthn.init_credential(challenge := %L::bytea, user_name := %L, user_id := %L::bytea, '
           'user_display_name := %L, relying_party_name := %L, relying_party_id := %L, require_resident_key := %L, '
           'user_verification := %L, attestation := %L, timeout := %L, challenge_at := %L);',
           b.challenge, b.user_name, b.user_id, b.user_display_name, b.relying_party_name, b.relying_party_id,
           b.require_resident_key, b.user_verification, b.attestation, b.timeout, b.challenge_at),
    format('SELECT * FROM webauthn.store_credential(credential_id := %L, credential_type := %L, '
           'attestation_object := %L, client_data_json := %L, credential_at := %L);',
           webauthn.base64url_encode(k.credential_id), k.credential_type,
           webauthn.base64url_encode(k.attestation_object), webauthn.base64url_encode(k.client_data_json),
           k.credential_at),
    format('SELECT webauthn.get_credentials(challenge := %L::bytea, user_name := %L, user_verification := %L, '
           'timeout := %L, relying_party_id := %L, challenge_at := %L);',
           c.challenge, c.user_name, c.user_verification, c.timeout, c.relying_party_id, c.challenge_at),
    format('SELECT * FROM webauthn.verify_assertion(credential_id := %L, credential_type := %L, '
           'authenticator_data := %L, client_data_json := %L, signature := %L, user_handle := %L, verified_at := %L);',
           webauthn.base64url_encode(a.credential_id), k.credential_type,
           webauthn.base64url_encode(a.authenticator_data), webauthn.base64url_encode(a.client_data_json),
           webauthn.base64url_encode(a.signature), webauthn.base64url_encode(a.user_handle), a.verified_at))
  FROM webauthn.assertions AS a
  JOIN webauthn.assertion_challenges AS c ON c.challenge = a.challenge
  JOIN webauthn.credentials AS k ON k.credential_id = a.credential_id
  JOIN webauthn.credential_challenges AS b ON b.challenge = k.challenge
  ORDER BY a.verified_at DESC
  LIMIT 1
$$;

COMMENT ON FUNCTION webauthn.credential_public_key(bytea) IS 'x and y of an ES256 key, 64 bytes; NULL for other keys';
COMMENT ON FUNCTION webauthn.credential_challenge_expiration(bytea) IS 'When a registration that has begun ends';
COMMENT ON FUNCTION webauthn.credential_challenge_user_verification(bytea) IS 'What a registration asked for';
COMMENT ON FUNCTION webauthn.assertion_challenge_expiration(bytea) IS 'When a sign-in that has begun ends';
COMMENT ON FUNCTION webauthn.assertion_challenge_user_verification(bytea) IS 'What a sign-in asked for';
COMMENT ON FUNCTION webauthn.prune(interval) IS
  'Delete challenges that expired at least so long ago, with their assertions; credentials and counters stay';
COMMENT ON FUNCTION webauthn.generate_test() IS 'SQL that plays the latest sign-in again';
