COMMENT ON SCHEMA webauthn IS 'Passkeys: https://www.w3.org/TR/webauthn-3/, made by unlatch {version}';

CREATE OR REPLACE FUNCTION webauthn.version() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{version}';

COMMENT ON FUNCTION webauthn.version() IS 'Version of unlatch that made this schema';
