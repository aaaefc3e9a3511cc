-- PG-3 and PG-5: columns that follow from the received bytes, and what a registration tells besides.
ALTER TABLE webauthn.credentials
  ADD COLUMN IF NOT EXISTS rp_id_hash bytea NOT NULL GENERATED ALWAYS AS (
    webauthn.rp_id_hash(webauthn.attested_data(attestation_object))) STORED,
  ADD COLUMN IF NOT EXISTS user_present boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(webauthn.attested_data(attestation_object), 0)) STORED,
  ADD COLUMN IF NOT EXISTS user_verified boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(webauthn.attested_data(attestation_object), 2)) STORED,
  ADD COLUMN IF NOT EXISTS backup_eligible boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(webauthn.attested_data(attestation_object), 3)) STORED,
  ADD COLUMN IF NOT EXISTS backup_state boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(webauthn.attested_data(attestation_object), 4)) STORED,
  ADD COLUMN IF NOT EXISTS attested_credential_data_included boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(webauthn.attested_data(attestation_object), 6)) STORED,
  ADD COLUMN IF NOT EXISTS extension_data_included boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(webauthn.attested_data(attestation_object), 7)) STORED,
  ADD COLUMN IF NOT EXISTS sign_count bigint NOT NULL GENERATED ALWAYS AS (
    webauthn.sign_count(webauthn.attested_data(attestation_object))) STORED,
  ADD COLUMN IF NOT EXISTS aaguid uuid NOT NULL GENERATED ALWAYS AS (
    webauthn.aaguid(webauthn.attested_data(attestation_object))) STORED,
  ADD COLUMN IF NOT EXISTS cose_key bytea NOT NULL GENERATED ALWAYS AS (
    webauthn.cose_key(webauthn.attested_data(attestation_object))) STORED,
  ADD COLUMN IF NOT EXISTS public_key bytea GENERATED ALWAYS AS (
    webauthn.cose_ecdha_to_pkcs(webauthn.cose_key(webauthn.attested_data(attestation_object)))) STORED,
  ADD COLUMN IF NOT EXISTS origin text NOT NULL GENERATED ALWAYS AS (
    webauthn.client_data_text(client_data_json, 'origin')) STORED,
  ADD COLUMN IF NOT EXISTS cross_origin boolean GENERATED ALWAYS AS (
    webauthn.client_data_text(client_data_json, 'crossOrigin')::boolean) STORED,
  ADD COLUMN IF NOT EXISTS transports text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS attestation_type text NOT NULL DEFAULT 'none',
  ADD COLUMN IF NOT EXISTS attestation_trust text NOT NULL DEFAULT 'none';

ALTER TABLE webauthn.assertions
  ADD COLUMN IF NOT EXISTS rp_id_hash bytea NOT NULL GENERATED ALWAYS AS (
    webauthn.rp_id_hash(authenticator_data)) STORED,
  ADD COLUMN IF NOT EXISTS user_present boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(authenticator_data, 0)) STORED,
  ADD COLUMN IF NOT EXISTS user_verified boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(authenticator_data, 2)) STORED,
  ADD COLUMN IF NOT EXISTS backup_eligible boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(authenticator_data, 3)) STORED,
  ADD COLUMN IF NOT EXISTS backup_state boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(authenticator_data, 4)) STORED,
  ADD COLUMN IF NOT EXISTS attested_credential_data_included boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(authenticator_data, 6)) STORED,
  ADD COLUMN IF NOT EXISTS extension_data_included boolean NOT NULL GENERATED ALWAYS AS (
    webauthn.flag(authenticator_data, 7)) STORED,
  ADD COLUMN IF NOT EXISTS sign_count bigint NOT NULL GENERATED ALWAYS AS (
    webauthn.sign_count(authenticator_data)) STORED,
  ADD COLUMN IF NOT EXISTS origin text NOT NULL GENERATED ALWAYS AS (
    webauthn.client_data_text(client_data_json, 'origin')) STORED,
  ADD COLUMN IF NOT EXISTS cross_origin boolean GENERATED ALWAYS AS (
    webauthn.client_data_text(client_data_json, 'crossOrigin')::boolean) STORED;
