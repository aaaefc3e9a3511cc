-- PG-2 to PG-5: what callers bring. Columns that follow from it are in 41_columns.sql, CHECKs in 42_checks.sql, so that
-- the tables of pg-webauthn can be taken over as they are.
CREATE TABLE IF NOT EXISTS webauthn.credential_challenges (
  challenge bytea NOT NULL PRIMARY KEY,
  user_name text NOT NULL,
  user_id bytea NOT NULL,
  user_display_name text NOT NULL,
  relying_party_name text NOT NULL,
  relying_party_id text,
  require_resident_key boolean NOT NULL DEFAULT false,
  user_verification webauthn.user_verification_requirement NOT NULL,
  attestation webauthn.attestation_conveyance_preference NOT NULL,
  timeout interval NOT NULL,
  challenge_at timestamptz NOT NULL,
  UNIQUE (user_name, user_id, challenge)
);

CREATE TABLE IF NOT EXISTS webauthn.credentials (
  credential_id bytea NOT NULL PRIMARY KEY,
  credential_type webauthn.credential_type NOT NULL,
  attestation_object bytea NOT NULL,
  client_data_json bytea NOT NULL,
  challenge bytea NOT NULL UNIQUE,
  user_name text NOT NULL,
  user_id bytea NOT NULL,
  credential_at timestamptz NOT NULL,
  FOREIGN KEY (user_name, user_id, challenge)
    REFERENCES webauthn.credential_challenges (user_name, user_id, challenge)
);

CREATE INDEX IF NOT EXISTS credentials_user_name ON webauthn.credentials (user_name);
CREATE INDEX IF NOT EXISTS credentials_user_id ON webauthn.credentials (user_id);

CREATE TABLE IF NOT EXISTS webauthn.assertion_challenges (
  challenge bytea NOT NULL PRIMARY KEY,
  user_name text,
  user_verification webauthn.user_verification_requirement NOT NULL,
  timeout interval NOT NULL,
  relying_party_id text,
  challenge_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS webauthn.assertions (
  signature bytea NOT NULL,
  challenge bytea NOT NULL REFERENCES webauthn.assertion_challenges (challenge),
  credential_id bytea NOT NULL REFERENCES webauthn.credentials (credential_id),
  authenticator_data bytea NOT NULL,
  client_data_json bytea NOT NULL,
  user_id bytea NOT NULL,
  user_handle bytea,
  verified_at timestamptz NOT NULL
);

-- What was the primary key, under its name: the signatures of ML-DSA are longer than an index entry may be.
CREATE UNIQUE INDEX IF NOT EXISTS assertions_pkey ON webauthn.assertions (sha256(signature));
CREATE UNIQUE INDEX IF NOT EXISTS assertions_challenge_key ON webauthn.assertions (challenge);
CREATE INDEX IF NOT EXISTS assertions_credential_id ON webauthn.assertions (credential_id);

-- What changes with each use, apart from what never changes.
CREATE TABLE IF NOT EXISTS webauthn.credential_uses (
  credential_id bytea NOT NULL PRIMARY KEY REFERENCES webauthn.credentials (credential_id) ON DELETE CASCADE,
  sign_count bigint NOT NULL,
  backup_state boolean NOT NULL,
  last_used_at timestamptz
);

-- webauthn.last_error() reads from it: a sequence is the one thing that belongs to a session and survives an error.
CREATE SEQUENCE IF NOT EXISTS webauthn.last_error_number AS integer MINVALUE 0;
