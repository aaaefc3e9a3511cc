-- An application that signs people in with passkeys and keeps everything about it in the database.
--
-- The pattern: the schema `webauthn` and the tables in `app` belong to a role that nobody logs in as. What the web may
-- do are the functions in `api`: SECURITY DEFINER, so that they may do what their owner may, each with a fixed
-- search_path, so that nobody can slip another table under a name. The web server acts as `web_anon`, which may call
-- them and nothing else; what it may read, row-level security cuts down to the rows of whoever is signed in.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'web_anon') THEN
    CREATE ROLE web_anon NOLOGIN;
  END IF;
END
$$;
GRANT web_anon TO CURRENT_USER;

CREATE SCHEMA IF NOT EXISTS app;
CREATE SCHEMA IF NOT EXISTS api;

CREATE TABLE IF NOT EXISTS app.users (
  user_id bytea PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,31}$'),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- A registration that has begun, and what its device will be called.
CREATE TABLE IF NOT EXISTS app.new_devices (
  challenge bytea PRIMARY KEY REFERENCES webauthn.credential_challenges (challenge) ON DELETE CASCADE,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  signing_up boolean NOT NULL,
  other_device boolean NOT NULL
);

-- A device that was added from elsewhere waits until its owner confirms it.
CREATE TABLE IF NOT EXISTS app.devices (
  credential_id bytea PRIMARY KEY REFERENCES webauthn.credentials (credential_id) ON DELETE CASCADE,
  user_id bytea NOT NULL REFERENCES app.users (user_id) ON DELETE CASCADE,
  name text NOT NULL,
  confirmed boolean NOT NULL,
  added_at timestamptz NOT NULL DEFAULT now()
);

-- Tokens are kept hashed: who reads this table cannot sign in with it.
CREATE TABLE IF NOT EXISTS app.access_tokens (
  hash bytea PRIMARY KEY,
  user_id bytea NOT NULL REFERENCES app.users (user_id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL DEFAULT now() + interval '12 hours'
);

-- The server puts the cookie into this setting for the time of a transaction.
CREATE OR REPLACE FUNCTION app.user_id() RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT t.user_id FROM app.access_tokens AS t
  WHERE t.hash = sha256(convert_to(current_setting('request.access_token', true), 'UTF8')) AND t.expires_at > now()
$$;

CREATE OR REPLACE FUNCTION app.random_bytes() RETURNS bytea
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) $$;

-- A new session; the server reads the token from the setting and makes a cookie of it.
CREATE OR REPLACE FUNCTION app.begin_session(user_id bytea) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  token CONSTANT text := webauthn.base64url_encode(app.random_bytes());
BEGIN
  INSERT INTO app.access_tokens (hash, user_id) VALUES (sha256(convert_to(token, 'UTF8')), begin_session.user_id);
  PERFORM set_config('response.access_token', token, true);
END
$$;

CREATE OR REPLACE FUNCTION app.begin_device(
  user_id bytea, user_name text, device_name text, signing_up boolean, other_device boolean
) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  challenge CONSTANT bytea := app.random_bytes();
  options jsonb;
BEGIN
  options := webauthn.init_credential(
    challenge := challenge,
    user_name := user_name,
    user_id := user_id,
    user_display_name := user_name,
    relying_party_name := 'Passkeys in PostgreSQL',
    require_resident_key := true,
    user_verification := 'required',
    timeout := CASE WHEN other_device THEN interval '10 minutes' ELSE interval '5 minutes' END);
  INSERT INTO app.new_devices VALUES (challenge, device_name, signing_up, other_device);
  RETURN options;
END
$$;

-- Sign up: the account begins with its first passkey, so until then nothing but a challenge is kept.
CREATE OR REPLACE FUNCTION api.sign_up(username text, device_name text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM app.users AS u WHERE u.name = username) THEN
    RAISE 'this name is taken' USING ERRCODE = 'unique_violation', CONSTRAINT = 'users_name_key';
  END IF;
  RETURN app.begin_device(app.random_bytes(), username, device_name, true, false);
END
$$;

-- A further device of whoever is signed in: this one, or another one that opens the link.
CREATE OR REPLACE FUNCTION api.init_credential(device_name text, other_device boolean) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  owner app.users;
BEGIN
  SELECT * INTO owner FROM app.users AS u WHERE u.user_id = app.user_id();
  IF NOT FOUND THEN
    RAISE 'nobody is signed in' USING ERRCODE = 'invalid_authorization_specification';
  END IF;
  RETURN app.begin_device(owner.user_id, owner.name, device_name, false, other_device);
END
$$;

-- For the other device, which knows no more than the link.
CREATE OR REPLACE FUNCTION api.get_credential_creation_options(challenge text) RETURNS jsonb
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT webauthn.get_credential_creation_options(d.challenge) FROM app.new_devices AS d
  WHERE d.challenge = webauthn.base64url_decode($1) AND d.other_device
    AND webauthn.credential_challenge_expiration(d.challenge) > now()
$$;

CREATE OR REPLACE FUNCTION api.store_credential(credential jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  owner bytea;
  stored webauthn.credentials;
  device app.new_devices;
BEGIN
  owner := webauthn.store_credential(
    credential_id := credential ->> 'id',
    credential_type := (credential ->> 'type')::webauthn.credential_type,
    attestation_object := credential #>> '{response,attestationObject}',
    client_data_json := credential #>> '{response,clientDataJSON}',
    transports := ARRAY(SELECT jsonb_array_elements_text(credential #> '{response,transports}')));
  IF owner IS NULL THEN
    RAISE 'this registration is not known' USING ERRCODE = 'invalid_authorization_specification';
  END IF;
  SELECT * INTO stored FROM webauthn.credentials AS c
  WHERE c.credential_id = webauthn.base64url_decode(credential ->> 'id');
  DELETE FROM app.new_devices AS d WHERE d.challenge = stored.challenge RETURNING * INTO STRICT device;
  IF device.signing_up THEN
    INSERT INTO app.users (user_id, name) VALUES (owner, stored.user_name);
    PERFORM app.begin_session(owner);
  ELSIF NOT device.other_device AND owner IS DISTINCT FROM app.user_id() THEN
    RAISE 'another person signed in meanwhile' USING ERRCODE = 'invalid_authorization_specification';
  END IF;
  INSERT INTO app.devices (credential_id, user_id, name, confirmed)
  VALUES (stored.credential_id, owner, device.name, NOT device.other_device);
  RETURN jsonb_build_object('confirmed', NOT device.other_device);
END
$$;

CREATE OR REPLACE FUNCTION api.sign_in() RETURNS jsonb
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT webauthn.get_credentials(challenge := app.random_bytes(), user_verification := 'required') $$;

CREATE OR REPLACE FUNCTION api.verify_assertion(credential jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  owner bytea;
BEGIN
  owner := webauthn.verify_assertion(
    credential_id := credential ->> 'id',
    credential_type := (credential ->> 'type')::webauthn.credential_type,
    authenticator_data := credential #>> '{response,authenticatorData}',
    client_data_json := credential #>> '{response,clientDataJSON}',
    signature := credential #>> '{response,signature}',
    user_handle := credential #>> '{response,userHandle}');
  IF owner IS NULL THEN
    RAISE 'this passkey is not known' USING ERRCODE = 'invalid_authorization_specification';
  END IF;
  IF NOT EXISTS (SELECT FROM app.devices AS d
                 WHERE d.credential_id = webauthn.base64url_decode(credential ->> 'id') AND d.confirmed) THEN
    -- The assertion stays used up; there is just no session.
    RETURN jsonb_build_object('confirmed', false);
  END IF;
  PERFORM app.begin_session(owner);
  RETURN jsonb_build_object('confirmed', true);
END
$$;

-- The owner decides about a device: one that is not valid, or not any more, gets no session.
CREATE OR REPLACE FUNCTION api.update_credential_validity(credential_id text, valid boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  id CONSTANT bytea := webauthn.base64url_decode(update_credential_validity.credential_id);
BEGIN
  UPDATE app.devices AS d SET confirmed = valid WHERE d.credential_id = id AND d.user_id = app.user_id();
  IF NOT FOUND THEN
    RAISE 'no such device of yours' USING ERRCODE = 'invalid_authorization_specification';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION api.current_user() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('name', (SELECT u.name FROM app.users AS u WHERE u.user_id = app.user_id())) $$;

CREATE OR REPLACE FUNCTION api.sign_out() RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM app.access_tokens AS t
  WHERE t.hash = sha256(convert_to(current_setting('request.access_token', true), 'UTF8'));
  SELECT set_config('response.access_token', 'none', true);
$$;

-- What the web may read by itself: row-level security shows everybody their own devices.
ALTER TABLE app.devices ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_devices ON app.devices;
CREATE POLICY own_devices ON app.devices FOR SELECT TO web_anon USING (user_id = app.user_id());
CREATE OR REPLACE VIEW api.devices WITH (security_invoker = true) AS
  SELECT credential_id, name, confirmed, added_at FROM app.devices;

REVOKE ALL ON SCHEMA app, api FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA app, api FROM PUBLIC;
GRANT USAGE ON SCHEMA api, app TO web_anon;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA api TO web_anon;
GRANT EXECUTE ON FUNCTION app.user_id() TO web_anon;
GRANT SELECT ON api.devices TO web_anon;
GRANT SELECT (credential_id, user_id, name, confirmed, added_at) ON app.devices TO web_anon;
