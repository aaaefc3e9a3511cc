-- PG-18: functions run as their caller, and PUBLIC may do nothing: an application wraps what it needs.
REVOKE ALL ON SCHEMA webauthn FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA webauthn FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA webauthn FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA webauthn FROM PUBLIC;
REVOKE ALL ON TYPE webauthn.credential_type, webauthn.user_verification_requirement,
  webauthn.attestation_conveyance_preference, webauthn.verdict FROM PUBLIC;
