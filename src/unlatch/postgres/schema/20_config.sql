-- Who the relying party is and what it accepts: one row a relying party. Challenges without a relying party id belong
-- to the row that is the default.
CREATE TABLE IF NOT EXISTS webauthn.config (
  relying_party_id text PRIMARY KEY,
  origins text[] NOT NULL,
  is_default boolean NOT NULL DEFAULT true,
  allow_cross_origin boolean NOT NULL DEFAULT false,
  top_origins text[] NOT NULL DEFAULT '{}',
  algorithms integer[],
  backup text NOT NULL DEFAULT 'any',
  eligibility_change text NOT NULL DEFAULT 'refuse',
  counter_regression text NOT NULL DEFAULT 'refuse',
  required_trust text NOT NULL DEFAULT 'none',
  trust_anchors text[] NOT NULL DEFAULT '{}',
  permitted_aaguids uuid[],
  compat text[] NOT NULL DEFAULT '{}',
  CONSTRAINT a_domain CHECK (relying_party_id ~ '^[a-z0-9-]+(\.[a-z0-9-]+)*$'),
  CONSTRAINT some_origins CHECK (cardinality(origins) > 0 AND array_position(origins, NULL) IS NULL),
  CONSTRAINT known_backup CHECK (backup IN ('any', 'forbidden', 'required')),
  CONSTRAINT known_eligibility_change CHECK (eligibility_change IN ('refuse', 'allow-upgrade', 'report')),
  CONSTRAINT known_counter_regression CHECK (counter_regression IN ('refuse', 'ignore')),
  CONSTRAINT known_trust CHECK (required_trust IN ('none', 'self', 'unanchored', 'anchored')),
  CONSTRAINT known_compat CHECK (compat <@ ARRAY[
    'origin', 'rp_id_hash', 'user_presence', 'framing', 'user_handle', 'relying_party', 'sign_count', 'backup',
    'attestation', 'options'])
);

CREATE UNIQUE INDEX IF NOT EXISTS config_one_default ON webauthn.config (is_default) WHERE is_default;

COMMENT ON TABLE webauthn.config IS 'One row a relying party: where it lives and what it accepts';
COMMENT ON COLUMN webauthn.config.relying_party_id IS 'https://www.w3.org/TR/webauthn-2/#relying-party-identifier';
COMMENT ON COLUMN webauthn.config.origins IS 'Accepted origins, as browsers and apps write them, compared character by character';
COMMENT ON COLUMN webauthn.config.is_default IS 'Whether calls without relying_party_id mean this row; one row at most';
COMMENT ON COLUMN webauthn.config.allow_cross_origin IS 'Accept ceremonies in frames of another origin';
COMMENT ON COLUMN webauthn.config.top_origins IS 'Pages that may embed such a frame; {*} for any';
COMMENT ON COLUMN webauthn.config.algorithms IS 'COSE identifiers to offer and accept, best first; NULL: all of the backend';
COMMENT ON COLUMN webauthn.config.backup IS 'New passkeys: any, forbidden (device-bound only), required (syncable only)';
COMMENT ON COLUMN webauthn.config.eligibility_change IS 'When BE differs from what was registered: refuse, allow-upgrade, report';
COMMENT ON COLUMN webauthn.config.counter_regression IS 'When a signature counter does not grow: refuse, ignore';
COMMENT ON COLUMN webauthn.config.required_trust IS 'The least an attestation must be worth: none, self, unanchored, anchored';
COMMENT ON COLUMN webauthn.config.trust_anchors IS 'PEM certificates that attestations may lead to (plpython)';
COMMENT ON COLUMN webauthn.config.permitted_aaguids IS 'The only models that are accepted; NULL for all';
COMMENT ON COLUMN webauthn.config.compat IS
  'Checks that pg-webauthn did not make and that are left out for this relying party: origin, rp_id_hash, user_presence, '
  'framing, user_handle, relying_party, sign_count, backup, attestation; options: the options exactly as it wrote them';
