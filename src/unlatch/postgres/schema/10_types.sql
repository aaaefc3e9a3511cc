-- PG-1: the enumerations of section 5.8 that callers write as text literals.
DO $$
BEGIN
  IF to_regtype('webauthn.credential_type') IS NULL THEN
    CREATE TYPE webauthn.credential_type AS ENUM ('public-key');
  END IF;
  IF to_regtype('webauthn.user_verification_requirement') IS NULL THEN
    CREATE TYPE webauthn.user_verification_requirement AS ENUM ('required', 'preferred', 'discouraged');
  END IF;
  IF to_regtype('webauthn.attestation_conveyance_preference') IS NULL THEN
    CREATE TYPE webauthn.attestation_conveyance_preference AS ENUM ('none', 'indirect', 'direct', 'enterprise');
  END IF;
  -- What a judge says: all NULL, or why it refuses (`code` and `step` as in the Python library, `detail` for the log).
  IF to_regtype('webauthn.verdict') IS NULL THEN
    CREATE TYPE webauthn.verdict AS (code text, step text, detail text, attestation_type text, attestation_trust text);
  END IF;
END
$$;

COMMENT ON TYPE webauthn.credential_type IS 'https://www.w3.org/TR/webauthn-2/#enum-credentialType';
COMMENT ON TYPE webauthn.user_verification_requirement IS
  'https://www.w3.org/TR/webauthn-2/#enum-userVerificationRequirement';
COMMENT ON TYPE webauthn.attestation_conveyance_preference IS
  'https://www.w3.org/TR/webauthn-2/#enum-attestation-convey';
COMMENT ON TYPE webauthn.verdict IS 'Answer of webauthn.judge_registration and webauthn.judge_authentication';
