-- Base64url as WebAuthn uses it: the alphabet of RFC 4648 section 5, without padding, one text for one value.

CREATE OR REPLACE FUNCTION webauthn.base64url_encode(data bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    -- encode() breaks lines; translate() drops the characters that have no counterpart: padding and line ends.
    SELECT pg_catalog.translate(pg_catalog.encode(data, 'base64'), E'+/=\n', '-_')
$$;
COMMENT ON FUNCTION webauthn.base64url_encode(bytea) IS
    'The unpadded base64url text of bytes (https://www.rfc-editor.org/rfc/rfc4648#section-5).';

CREATE OR REPLACE FUNCTION webauthn.base64url_decode(encoded text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Compared byte by byte, whatever the collation of the caller's column.
    characters CONSTANT text COLLATE "C" := encoded;
    remainder CONSTANT integer := length(characters) % 4;
    decoded bytea;
BEGIN
    IF characters ~ '[^A-Za-z0-9_-]' THEN
        RAISE 'invalid symbol while decoding base64url: A-Z, a-z, 0-9, - and _ are allowed, without padding'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'malformed_base64url';
    END IF;
    IF remainder <> 1 THEN
        decoded := decode(translate(characters, '-_', '+/') || repeat('=', (4 - remainder) % 4), 'base64');
    END IF;
    -- Bits of the last character that belong to no byte must be zero: otherwise several texts name one value.
    IF decoded IS NULL OR webauthn.base64url_encode(decoded) <> characters THEN
        RAISE 'invalid end of base64url: no bytes have this text'
            USING ERRCODE = 'invalid_parameter_value', DETAIL = 'malformed_base64url';
    END IF;
    RETURN decoded;
END
$$;
COMMENT ON FUNCTION webauthn.base64url_decode(text) IS
    'The bytes of an unpadded, canonical base64url text; SQLSTATE 22023 for any other text '
    '(https://www.rfc-editor.org/rfc/rfc4648#section-5).';
