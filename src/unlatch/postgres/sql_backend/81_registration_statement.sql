-- Attestation statements without certificates: none (WebAuthn section 8.7) and packed self attestation (section 8.2).

CREATE OR REPLACE FUNCTION webauthn.verify_registration_statement(
    fmt text, att_stmt bytea, auth_data bytea, client_data_hash bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key CONSTANT bytea := (webauthn.parse_authenticator_data(auth_data)).credential_public_key;
    algorithm integer;
BEGIN
    IF key IS NULL THEN
        RAISE 'a registration without a credential (AT is 0)'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_authenticator_data';
    END IF;
    algorithm := webauthn.expect_credential_key(key);
    CASE fmt
        WHEN 'none' THEN
            IF att_stmt <> '\xa0' THEN
                RAISE 'the statement of none is an empty map'
                    USING ERRCODE = 'WA003', DETAIL = 'malformed_attestation_statement';
            END IF;
            RETURN 'none';
        WHEN 'packed' THEN
            PERFORM webauthn.expect_self_attestation(att_stmt, algorithm, key, auth_data || client_data_hash);
            RETURN 'self';
        ELSE
            RAISE 'attestation format "%" is not supported by the sql backend', fmt
                USING ERRCODE = 'WA002', DETAIL = 'attestation_format_not_supported',
                    HINT = 'It verifies none and packed self attestation; the plpython backend verifies all.';
    END CASE;
END
$$;
COMMENT ON FUNCTION webauthn.verify_registration_statement(text, bytea, bytea, bytea) IS
    'The attestation type, none or self, of a statement that is sound '
    '(https://www.w3.org/TR/webauthn-3/#sctn-defined-attestation-formats). Everything else raises: WA001 and WA002 for '
    'an algorithm or a format that only other backends know, WA003 for what is malformed, WA004 for what is not sound.';

CREATE OR REPLACE FUNCTION webauthn.expect_self_attestation(
    att_stmt bytea, algorithm integer, key bytea, signed bytea) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    items CONSTANT bytea[] := CASE WHEN get_byte(att_stmt, 0) >> 5 = 5 THEN webauthn.cbor_items(att_stmt) END;
    statement_algorithm numeric;
    signature bytea;
    members integer := 0;
    has_certificates boolean := false;
BEGIN
    FOR place IN 1..coalesce(cardinality(items), 0) BY 2 LOOP
        CASE items[place]
            WHEN '\x63616c67' THEN  -- alg
                statement_algorithm := webauthn.cbor_integer(items[place + 1]);
            WHEN '\x63736967' THEN  -- sig
                signature := webauthn.cbor_bytes(items[place + 1]);
            WHEN '\x63783563' THEN  -- x5c
                has_certificates := true;
            ELSE
                members := members + 1;
        END CASE;
    END LOOP;
    IF statement_algorithm IS NULL OR coalesce(signature, '') = '' OR members > 0 THEN
        RAISE 'a packed statement has alg, a number, and sig, a byte string that is not empty'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_attestation_statement';
    ELSIF has_certificates THEN
        RAISE 'packed attestation with a certificate (x5c) is not supported by the sql backend'
            USING ERRCODE = 'WA002', DETAIL = 'attestation_format_not_supported',
                HINT = 'It verifies none and packed self attestation; the plpython backend verifies all.';
    ELSIF statement_algorithm <> algorithm THEN
        RAISE 'self attestation with another algorithm than the credential''s'
            USING ERRCODE = 'WA004', DETAIL = 'attestation_key_mismatch';
    ELSIF NOT webauthn.verify_signature(key, signed, signature) THEN
        RAISE 'the signature of the statement does not verify'
            USING ERRCODE = 'WA004', DETAIL = 'attestation_signature_invalid';
    END IF;
END
$$;
COMMENT ON FUNCTION webauthn.expect_self_attestation(bytea, integer, bytea, bytea) IS
    'Raises where a packed statement is not a sound self attestation '
    '(https://www.w3.org/TR/webauthn-3/#sctn-packed-attestation).';
