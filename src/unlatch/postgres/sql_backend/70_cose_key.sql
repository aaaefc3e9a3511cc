-- COSE public keys (RFC 9052 section 7, RFC 9053, RFC 8230) as WebAuthn restricts them (section 6.5.1.1).
--
-- A key is read anew each time it is used: algorithm, key type and curve belong together, no parameter is missing or
-- surplus, points are on their curve and of large order. Encoded numbers are compared with encoded numbers, because
-- canonical CBOR has one encoding for each.

CREATE OR REPLACE FUNCTION webauthn.read_cose_key(
    cose_key bytea, OUT algorithm integer, OUT x bytea, OUT y bytea, OUT n bytea, OUT e bytea)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    items bytea[];
    labels bytea;
    on_p256 boolean;
BEGIN
    -- Nearly all keys are ES256 keys, and canonical CBOR writes each of them in this one way.
    IF length(cose_key) = 77 AND substring(cose_key, 1, 10) = '\xa5010203262001215820'
        AND substring(cose_key, 43, 3) = '\x225820' THEN
        algorithm := -7;
        x := substring(cose_key, 11, 32);
        y := substring(cose_key, 46);
        PERFORM webauthn.expect_p256_point(x, y);
        RETURN;
    END IF;

    PERFORM webauthn.expect_cbor(cose_key);
    IF get_byte(cose_key, 0) >> 5 <> 5 THEN
        RAISE 'a COSE key is a map' USING ERRCODE = 'WA003', DETAIL = 'malformed_key';
    END IF;
    items := webauthn.cbor_items(cose_key);
    SELECT string_agg(items[place], '' ORDER BY place),
           webauthn.expect_algorithm(max(webauthn.cbor_integer(items[place + 1])) FILTER (WHERE items[place] = '\x03'))
    INTO labels, algorithm
    FROM generate_series(1, cardinality(items), 2) AS place;

    on_p256 := algorithm IN (-7, -9);

    -- Label 1 is the key type: 2 EC2, 3 RSA, 1 OKP. It comes first, and in all there are four or five labels.
    IF items[1:2] IS DISTINCT FROM ARRAY[
        '\x01', CASE WHEN on_p256 THEN '\x02' WHEN algorithm = -257 THEN '\x03' ELSE '\x01' END]::bytea[] THEN
        RAISE 'the COSE key type does not belong to algorithm %', algorithm
            USING ERRCODE = 'WA003', DETAIL = 'malformed_key_algorithm';
    ELSIF labels <> (CASE WHEN on_p256 THEN '\x0103202122'::bytea ELSE '\x01032021' END) THEN
        RAISE 'missing or surplus COSE key parameters' USING ERRCODE = 'WA003', DETAIL = 'malformed_key_parameters';
    END IF;

    IF algorithm = -257 THEN
        n := webauthn.cbor_bytes(items[6]);
        e := webauthn.cbor_bytes(items[8]);
        PERFORM webauthn.expect_rsa_numbers(coalesce(n, ''), coalesce(e, ''));
        RETURN;
    END IF;
    IF items[6] <> (CASE WHEN on_p256 THEN '\x01'::bytea ELSE '\x06' END) THEN
        RAISE 'the curve does not belong to algorithm %', algorithm
            USING ERRCODE = 'WA003', DETAIL = 'malformed_key_algorithm';
    END IF;
    x := webauthn.cbor_bytes(items[8]);
    IF on_p256 THEN
        -- A compressed point has a boolean y, which is as little a coordinate as a text would be.
        y := webauthn.cbor_bytes(items[10]);
        PERFORM webauthn.expect_p256_point(coalesce(x, ''), coalesce(y, ''));
    ELSIF coalesce(length(x), 0) <> 32 THEN
        RAISE 'an Ed25519 key has 32 bytes' USING ERRCODE = 'WA003', DETAIL = 'malformed_key_length';
    ELSIF webauthn.ed25519_y(x) IS NULL THEN
        RAISE 'not a canonical point of large order on Ed25519'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_key_not_on_curve';
    END IF;
END
$$;
COMMENT ON FUNCTION webauthn.read_cose_key(bytea) IS
    'Algorithm and parameters of a COSE_Key (https://www.w3.org/TR/webauthn-3/#sctn-attested-credential-data): x and y '
    'for P-256, x for Ed25519, n and e for RSA. WA001 for an algorithm that only other backends know, WA003 for a key '
    'that is not sound. That an Ed25519 key is on its curve is asked by expect_credential_key and by each signature.';

CREATE OR REPLACE FUNCTION webauthn.expect_algorithm(identifier numeric) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    name text;
BEGIN
    IF identifier IN (-7, -9, -8, -19, -257) THEN
        RETURN identifier;
    END IF;
    name := CASE identifier
        WHEN -35 THEN 'ES384' WHEN -36 THEN 'ES512' WHEN -47 THEN 'ES256K' WHEN -51 THEN 'ESP384'
        WHEN -52 THEN 'ESP512' WHEN -53 THEN 'Ed448' WHEN -258 THEN 'RS384' WHEN -259 THEN 'RS512'
        WHEN -37 THEN 'PS256' WHEN -38 THEN 'PS384' WHEN -39 THEN 'PS512' WHEN -48 THEN 'ML-DSA-44'
        WHEN -49 THEN 'ML-DSA-65' WHEN -50 THEN 'ML-DSA-87' END;
    IF name IS NULL THEN
        RAISE 'algorithm % is not known for credentials', coalesce(identifier::text, '(none)')
            USING ERRCODE = 'WA003', DETAIL = 'malformed_key_algorithm';
    END IF;
    RAISE 'algorithm % (%) is not supported by the sql backend', identifier, name
        USING ERRCODE = 'WA001', DETAIL = 'algorithm_not_offered',
            HINT = 'It verifies ES256, ESP256, EdDSA, Ed25519 and RS256; the plpython backend verifies all.';
END
$$;
COMMENT ON FUNCTION webauthn.expect_algorithm(numeric) IS
    'The COSE algorithm if this backend verifies it (https://www.w3.org/TR/webauthn-3/#sctn-alg-identifier).';

CREATE OR REPLACE FUNCTION webauthn.expect_p256_point(x bytea, y bytea) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF length(x) <> 32 OR length(y) <> 32 THEN
        RAISE 'a coordinate on P-256 has 32 bytes' USING ERRCODE = 'WA003', DETAIL = 'malformed_key_length';
    ELSIF NOT webauthn.p256_contains(webauthn.bytes_to_numeric(x), webauthn.bytes_to_numeric(y)) THEN
        RAISE 'the point is not on P-256' USING ERRCODE = 'WA003', DETAIL = 'malformed_key_not_on_curve';
    END IF;
END
$$;
COMMENT ON FUNCTION webauthn.expect_p256_point(bytea, bytea) IS
    'Raises WA003 where bytes are not the coordinates of a point on P-256.';

CREATE OR REPLACE FUNCTION webauthn.expect_rsa_numbers(n bytea, e bytea) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF n = '' OR e = '' OR get_byte(n, 0) = 0 OR get_byte(e, 0) = 0 THEN
        RAISE 'the numbers of an RSA key are byte strings without leading zeros'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_key_length';
    -- From 2048 to 8192 bits: 256 bytes, the first of which has its highest bit, to 1024 bytes.
    ELSIF length(n) NOT BETWEEN 256 AND 1024 OR length(n) = 256 AND get_byte(n, 0) < 128 THEN
        RAISE 'an RSA modulus of % bytes; 2048 to 8192 bits are accepted', length(n)
            USING ERRCODE = 'WA003', DETAIL = 'malformed_key_weak';
    ELSIF get_byte(n, length(n) - 1) % 2 = 0 OR get_byte(e, length(e) - 1) % 2 = 0 OR e = '\x01' OR length(e) > 8 THEN
        RAISE 'RSA modulus and exponent must be odd, the exponent at least 3 and small'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_key_weak';
    END IF;
END
$$;
COMMENT ON FUNCTION webauthn.expect_rsa_numbers(bytea, bytea) IS
    'Raises WA003 where modulus and exponent are not those of a sound RSA key '
    '(https://www.rfc-editor.org/rfc/rfc8230#section-4).';

CREATE OR REPLACE FUNCTION webauthn.expect_credential_key(cose_key bytea) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key record;
BEGIN
    key := webauthn.read_cose_key(cose_key);
    IF key.algorithm IN (-8, -19) AND webauthn.ed25519_decode(key.x) IS NULL THEN
        RAISE 'the point is not on Ed25519' USING ERRCODE = 'WA003', DETAIL = 'malformed_key_not_on_curve';
    END IF;
    RETURN key.algorithm;
END
$$;
COMMENT ON FUNCTION webauthn.expect_credential_key(bytea) IS
    'The COSE algorithm of a key that a new credential may have; raises as read_cose_key does.';
