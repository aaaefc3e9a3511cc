-- Readers of authenticator data (section 6.1) and client data (section 5.8.1) for columns and checks. They look at
-- fixed places of what is known to be well-formed; the strict parsers are parse_authenticator_data and its kin.
-- Every name in a body is qualified: these run inside generated columns, where nobody sets a search_path.

CREATE OR REPLACE FUNCTION webauthn.from_utf8(utf8 bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN pg_catalog.convert_from(utf8, 'UTF8');

CREATE OR REPLACE FUNCTION webauthn.client_data_text(client_data bytea, member text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
-- A byte order mark may lead the text.
RETURN pg_catalog.ltrim(webauthn.from_utf8(client_data), U&'\FEFF')::json ->> member;

CREATE OR REPLACE FUNCTION webauthn.client_data_challenge(client_data bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN webauthn.base64url_decode(webauthn.client_data_text(client_data, 'challenge'));

CREATE OR REPLACE FUNCTION webauthn.rp_id_hash(authenticator_data bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN pg_catalog.substr(authenticator_data, 1, 32);

CREATE OR REPLACE FUNCTION webauthn.flag(authenticator_data bytea, number integer) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (pg_catalog.get_byte(authenticator_data, 32) >> number) & 1 = 1;

CREATE OR REPLACE FUNCTION webauthn.sign_count(authenticator_data bytea) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN pg_catalog.get_byte(authenticator_data, 33)::bigint * 16777216
     + pg_catalog.get_byte(authenticator_data, 34) * 65536
     + pg_catalog.get_byte(authenticator_data, 35) * 256
     + pg_catalog.get_byte(authenticator_data, 36);

CREATE OR REPLACE FUNCTION webauthn.attested_data(attestation_object bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (webauthn.parse_attestation_object(attestation_object)).auth_data;

CREATE OR REPLACE FUNCTION webauthn.aaguid(authenticator_data bytea) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN pg_catalog.encode(pg_catalog.substr(authenticator_data, 38, 16), 'hex')::uuid;

CREATE OR REPLACE FUNCTION webauthn.attested_credential_id(authenticator_data bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (webauthn.parse_authenticator_data(authenticator_data)).credential_id;

CREATE OR REPLACE FUNCTION webauthn.cose_key(authenticator_data bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (webauthn.parse_authenticator_data(authenticator_data)).credential_public_key;

-- PG-12. NULL for keys that have no x and y; P-256 gives the 64 bytes that pg-webauthn kept.
CREATE OR REPLACE FUNCTION webauthn.cose_ecdha_to_pkcs(cose_public_key bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
  WHEN pg_catalog.substr(cose_public_key, 1, 10) = '\xa5010203262001215820'
    AND pg_catalog.substr(cose_public_key, 43, 3) = '\x225820' AND pg_catalog.length(cose_public_key) = 77
  THEN pg_catalog.substr(cose_public_key, 11, 32) || pg_catalog.substr(cose_public_key, 46, 32)
END;

COMMENT ON FUNCTION webauthn.from_utf8(bytea) IS 'Text of UTF-8 bytes; an error where they are not UTF-8';
COMMENT ON FUNCTION webauthn.client_data_text(bytea, text) IS
  'A member of the client data: https://www.w3.org/TR/webauthn-2/#dictionary-client-data';
COMMENT ON FUNCTION webauthn.client_data_challenge(bytea) IS
  'https://www.w3.org/TR/webauthn-2/#dom-collectedclientdata-challenge';
COMMENT ON FUNCTION webauthn.rp_id_hash(bytea) IS 'https://www.w3.org/TR/webauthn-2/#rpidhash';
COMMENT ON FUNCTION webauthn.flag(bytea, integer) IS
  'Bit of the flags, 0 UP, 2 UV, 3 BE, 4 BS, 6 AT, 7 ED: https://www.w3.org/TR/webauthn-3/#authdata-flags';
COMMENT ON FUNCTION webauthn.sign_count(bytea) IS '0 to 4294967295: https://www.w3.org/TR/webauthn-2/#signcount';
COMMENT ON FUNCTION webauthn.attested_data(bytea) IS 'Authenticator data inside an attestation object';
COMMENT ON FUNCTION webauthn.aaguid(bytea) IS 'https://www.w3.org/TR/webauthn-2/#aaguid';
COMMENT ON FUNCTION webauthn.attested_credential_id(bytea) IS 'https://www.w3.org/TR/webauthn-2/#credentialid';
COMMENT ON FUNCTION webauthn.cose_key(bytea) IS 'https://www.w3.org/TR/webauthn-2/#credentialpublickey';
COMMENT ON FUNCTION webauthn.cose_ecdha_to_pkcs(bytea) IS 'x and y of an ES256 key, 64 bytes; NULL for other keys';
