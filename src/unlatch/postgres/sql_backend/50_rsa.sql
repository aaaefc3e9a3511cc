-- RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.2).

CREATE OR REPLACE FUNCTION webauthn.verify_rs256(modulus bytea, exponent bytea, data bytea, signature bytea)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- DigestInfo up to the hash: SHA-256 with the NULL parameter (RFC 8017 section 9.2, note 1).
    digest_info CONSTANT bytea := '\x3031300d060960864801650304020105000420';
    size CONSTANT integer := length(modulus);
    n CONSTANT numeric := webauthn.bytes_to_numeric(modulus);
    s numeric;
    bits CONSTANT text := ltrim(('x' || encode(exponent, 'hex'))::varbit::text, '0');
    -- Decimal digits of the square of a remainder, and some more.
    digits CONSTANT integer := 2 * (length(n::text) + 2);
    reciprocal numeric;
    message numeric;
BEGIN
    IF length(signature) <> size THEN
        RETURN false;
    END IF;
    s := webauthn.bytes_to_numeric(signature);
    IF s >= n THEN
        RETURN false;
    END IF;
    reciprocal := div(('1e' || digits)::numeric, n) * ('1e-' || digits)::numeric;
    message := s;
    FOR place IN 2..length(bits) LOOP
        message := message * message;
        message := message - round(message * reciprocal) * n;
        IF substring(bits, place, 1) = '1' THEN
            message := message * s;
            message := message - round(message * reciprocal) * n;
        END IF;
    END LOOP;
    -- The whole encoded message is compared with the one that a signer makes; nothing in it is parsed.
    RETURN (message - webauthn.bytes_to_numeric(
        '\x0001' || decode(repeat('ff', size - 54), 'hex') || '\x00' || digest_info || sha256(data))) % n = 0;
END
$$;
COMMENT ON FUNCTION webauthn.verify_rs256(bytea, bytea, bytea, bytea) IS
    'Whether a signature over data is that of the RSA key (https://www.rfc-editor.org/rfc/rfc8017#section-8.2.2). The '
    'key must have been read by read_cose_key, and neither of its numbers has leading zeros.';
