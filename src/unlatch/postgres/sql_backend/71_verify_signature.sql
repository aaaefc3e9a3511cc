-- The swap point of the backends: whether a signature is a credential's.

CREATE OR REPLACE FUNCTION webauthn.verify_signature(cose_key bytea, data bytea, signature bytea) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key record;
BEGIN
    key := webauthn.read_cose_key(cose_key);
    CASE key.algorithm
        WHEN -7, -9 THEN
            RETURN webauthn.verify_es256(key.x, key.y, data, signature);
        WHEN -8, -19 THEN
            RETURN webauthn.verify_ed25519(key.x, data, signature);
        WHEN -257 THEN
            RETURN webauthn.verify_rs256(key.n, key.e, data, signature);
    END CASE;
END
$$;
COMMENT ON FUNCTION webauthn.verify_signature(bytea, bytea, bytea) IS
    'Whether a signature over data is that of a COSE_Key, by the key''s own algorithm '
    '(https://www.w3.org/TR/webauthn-3/#sctn-signature-attestation-types). False for a signature that is wrong or '
    'malformed; WA001 for an algorithm that only other backends know, WA003 for a key that is not sound.';
