COMMENT ON FUNCTION webauthn.judge_registration(
  webauthn.credential_challenges, webauthn.config, bytea, bytea, bytea, double precision) IS
  'The backend: https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential';
COMMENT ON FUNCTION webauthn.judge_authentication(
  webauthn.assertion_challenges, webauthn.config, webauthn.credentials, bigint, bytea, bytea, bytea, bytea,
  double precision) IS
  'The backend: https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion';
COMMENT ON FUNCTION webauthn.verify_signature(bytea, bytea, bytea) IS
  'The backend: whether a signature is that of a COSE key over data';
COMMENT ON FUNCTION webauthn.algorithms() IS 'What the backend offers, as COSE identifiers, best first';
COMMENT ON FUNCTION webauthn.backend() IS 'plpython or sql';
