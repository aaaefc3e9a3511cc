-- A database as pg-webauthn leaves it, written after the description of its tables (PG-1 to PG-5): generated columns and
-- CHECKs that call functions of the schema, CHECKs that read other tables.
CREATE SCHEMA webauthn;
CREATE TYPE webauthn.credential_type AS ENUM ('public-key');
CREATE TYPE webauthn.user_verification_requirement AS ENUM ('required', 'preferred', 'discouraged');
CREATE TYPE webauthn.attestation_conveyance_preference AS ENUM ('none', 'indirect', 'direct', 'enterprise');

CREATE FUNCTION webauthn.data(attestation_object bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS
  $$ SELECT substring($1 FROM position('\x6175746844617461'::bytea IN $1) + 10) $$;
CREATE FUNCTION webauthn.bit(bytea, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS
  $$ SELECT get_byte($1, 32) & (1 << $2) > 0 $$;
CREATE FUNCTION webauthn.number(bytea) RETURNS integer LANGUAGE sql IMMUTABLE AS
  $$ SELECT get_byte($1, 36) + (get_byte($1, 35) << 8) + (get_byte($1, 34) << 16) + (get_byte($1, 33) << 24) $$;
CREATE FUNCTION webauthn.member(bytea, text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN RETURN convert_from($1, 'UTF8')::jsonb ->> $2; END $$;
CREATE FUNCTION webauthn.base64url_decode(text) RETURNS bytea LANGUAGE sql IMMUTABLE AS
  $$ SELECT decode(translate($1, '-_', '+/') || repeat('=', (4 - length($1) % 4) % 4), 'base64') $$;
CREATE FUNCTION webauthn.credential_challenge_expiration(bytea) RETURNS timestamptz LANGUAGE plpgsql STABLE AS
  $$ BEGIN RETURN (SELECT challenge_at + timeout FROM webauthn.credential_challenges WHERE challenge = $1); END $$;

CREATE TABLE webauthn.credential_challenges (
  challenge bytea NOT NULL,
  user_name text NOT NULL,
  user_id bytea NOT NULL,
  user_display_name text NOT NULL,
  relying_party_name text NOT NULL,
  relying_party_id text,
  user_verification webauthn.user_verification_requirement NOT NULL,
  attestation webauthn.attestation_conveyance_preference NOT NULL,
  timeout interval NOT NULL,
  challenge_at timestamptz NOT NULL,
  require_resident_key boolean NOT NULL DEFAULT FALSE,
  PRIMARY KEY (challenge),
  UNIQUE (user_name, user_id, challenge),
  CONSTRAINT reasonable_timeout CHECK (timeout BETWEEN '30000 milliseconds'::interval AND '600000 milliseconds'::interval)
);
CREATE TABLE webauthn.credentials (
  credential_id bytea NOT NULL,
  credential_type webauthn.credential_type NOT NULL,
  attestation_object bytea NOT NULL,
  client_data_json bytea NOT NULL,
  challenge bytea NOT NULL,
  user_name text NOT NULL,
  user_id bytea NOT NULL,
  credential_at timestamptz NOT NULL,
  rp_id_hash bytea NOT NULL GENERATED ALWAYS AS (substring(webauthn.data(attestation_object), 1, 32)) STORED,
  user_present boolean NOT NULL GENERATED ALWAYS AS (webauthn.bit(webauthn.data(attestation_object), 0)) STORED,
  user_verified boolean NOT NULL GENERATED ALWAYS AS (webauthn.bit(webauthn.data(attestation_object), 2)) STORED,
  sign_count bigint NOT NULL GENERATED ALWAYS AS (webauthn.number(webauthn.data(attestation_object))) STORED,
  origin text NOT NULL GENERATED ALWAYS AS (webauthn.member(client_data_json, 'origin')) STORED,
  PRIMARY KEY (credential_id),
  UNIQUE (challenge),
  FOREIGN KEY (user_name, user_id, challenge)
    REFERENCES webauthn.credential_challenges (user_name, user_id, challenge),
  CONSTRAINT client_data_json_type CHECK (webauthn.member(client_data_json, 'type') = 'webauthn.create'),
  CONSTRAINT client_data_json_challenge CHECK (
    webauthn.base64url_decode(webauthn.member(client_data_json, 'challenge')) = challenge),
  CONSTRAINT credential_before_timeout CHECK (credential_at < webauthn.credential_challenge_expiration(challenge))
);
CREATE TABLE webauthn.assertion_challenges (
  challenge bytea NOT NULL PRIMARY KEY,
  user_name text,
  user_verification webauthn.user_verification_requirement NOT NULL,
  timeout interval NOT NULL,
  relying_party_id text,
  challenge_at timestamptz NOT NULL,
  CONSTRAINT reasonable_timeout CHECK (timeout BETWEEN '30000 milliseconds'::interval AND '600000 milliseconds'::interval)
);
CREATE TABLE webauthn.assertions (
  signature bytea NOT NULL,
  challenge bytea NOT NULL,
  credential_id bytea NOT NULL REFERENCES webauthn.credentials,
  authenticator_data bytea NOT NULL,
  client_data_json bytea NOT NULL,
  user_id bytea NOT NULL,
  user_handle bytea,
  verified_at timestamptz NOT NULL,
  sign_count bigint NOT NULL GENERATED ALWAYS AS (webauthn.number(authenticator_data)) STORED,
  user_present boolean NOT NULL GENERATED ALWAYS AS (webauthn.bit(authenticator_data, 0)) STORED,
  PRIMARY KEY (signature),
  UNIQUE (challenge),
  FOREIGN KEY (challenge) REFERENCES webauthn.assertion_challenges,
  CONSTRAINT user_handle_equal_or_null CHECK (user_handle = user_id)
);
-- Of the application: it must stay.
CREATE TABLE devices (credential_id bytea PRIMARY KEY REFERENCES webauthn.credentials, name text NOT NULL);
