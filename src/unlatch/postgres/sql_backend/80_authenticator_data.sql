-- Authenticator data (WebAuthn section 6.1) and the attestation object around it (section 6.5).

CREATE OR REPLACE FUNCTION webauthn.parse_authenticator_data(
    authenticator_data bytea,
    OUT rp_id_hash bytea, OUT user_present boolean, OUT user_verified boolean, OUT backup_eligible boolean,
    OUT backup_state boolean, OUT attested_credential_data_included boolean, OUT extension_data_included boolean,
    OUT sign_count bigint, OUT aaguid bytea, OUT credential_id bytea, OUT credential_public_key bytea,
    OUT extensions bytea)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    max_bytes CONSTANT integer := 65536;  -- A response as a whole is not larger; this bounds the time.
    size CONSTANT integer := length(authenticator_data);
    flags integer;
    position integer := 37;
    next integer;
BEGIN
    IF size > max_bytes THEN
        RAISE 'authenticator data of more than % bytes', max_bytes
            USING ERRCODE = 'WA003', DETAIL = 'malformed_too_large';
    ELSIF size < 37 THEN
        RAISE 'authenticator data of % bytes; at least 37 are needed', size
            USING ERRCODE = 'WA003', DETAIL = 'malformed_authenticator_data';
    END IF;
    rp_id_hash := substring(authenticator_data, 1, 32);
    flags := get_byte(authenticator_data, 32);
    user_present := flags & 1 <> 0;
    user_verified := flags & 4 <> 0;
    backup_eligible := flags & 8 <> 0;
    backup_state := flags & 16 <> 0;
    attested_credential_data_included := flags & 64 <> 0;
    extension_data_included := flags & 128 <> 0;
    sign_count := ('x' || encode(substring(authenticator_data, 34, 4), 'hex'))::bit(32)::bigint;

    IF attested_credential_data_included THEN
        -- aaguid[16] | L[2] | credentialId[L] | COSE_Key
        IF size < 55 THEN
            RAISE 'attested credential data is cut off'
                USING ERRCODE = 'WA003', DETAIL = 'malformed_authenticator_data';
        END IF;
        aaguid := substring(authenticator_data, 38, 16);
        position := 55 + get_byte(authenticator_data, 53) * 256 + get_byte(authenticator_data, 54);
        IF size < position THEN
            RAISE 'the credential id is cut off' USING ERRCODE = 'WA003', DETAIL = 'malformed_authenticator_data';
        ELSIF position = 55 THEN
            RAISE 'the credential id is empty' USING ERRCODE = 'WA003', DETAIL = 'malformed_credential_id';
        END IF;
        credential_id := substring(authenticator_data, 56, position - 55);
        next := webauthn.cbor_end(authenticator_data, position);
        credential_public_key := substring(authenticator_data, position + 1, next - position);
        IF get_byte(credential_public_key, 0) >> 5 <> 5 THEN
            RAISE 'a COSE key is a map' USING ERRCODE = 'WA003', DETAIL = 'malformed_key';
        END IF;
        position := next;
    END IF;

    IF extension_data_included THEN
        next := webauthn.cbor_end(authenticator_data, position);
        extensions := substring(authenticator_data, position + 1, next - position);
        IF get_byte(extensions, 0) >> 5 <> 5
            OR EXISTS (SELECT FROM webauthn.cbor_entries(extensions) WHERE get_byte(key, 0) >> 5 <> 3) THEN
            RAISE 'extensions are a map from identifiers to outputs'
                USING ERRCODE = 'WA003', DETAIL = 'malformed_authenticator_data';
        END IF;
        position := next;
    END IF;
    IF position <> size THEN
        RAISE 'authenticator data with bytes that no flag announces'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_authenticator_data';
    END IF;
END
$$;
COMMENT ON FUNCTION webauthn.parse_authenticator_data(bytea) IS
    'The parts of authenticator data that fills the bytes (https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data); '
    'the key and the extensions as received. WA003 where flags and contents do not match. The key is delimited, not '
    'judged, so that every backend can use this: expect_credential_key and verify_signature judge it.';

CREATE OR REPLACE FUNCTION webauthn.parse_attestation_object(
    attestation_object bytea, OUT fmt text, OUT att_stmt bytea, OUT auth_data bytea)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    max_bytes CONSTANT integer := 65536;
    -- The names of the members, as CBOR text.
    name_fmt CONSTANT bytea := '\x63666d74';
    name_att_stmt CONSTANT bytea := '\x6761747453746d74';
    name_auth_data CONSTANT bytea := '\x686175746844617461';
    items bytea[];
BEGIN
    IF length(attestation_object) > max_bytes THEN
        RAISE 'an attestation object of more than % bytes', max_bytes
            USING ERRCODE = 'WA003', DETAIL = 'malformed_too_large';
    END IF;
    -- Browsers do not always sort the members; hence the one tolerance.
    PERFORM webauthn.expect_cbor(attestation_object, false);
    -- A map of exactly three members, and none of their names stands twice: that was asked already.
    IF get_byte(attestation_object, 0) <> 163 THEN
        RAISE 'an attestation object is a map of exactly fmt, attStmt and authData'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_attestation_object';
    END IF;
    items := webauthn.cbor_items(attestation_object);
    FOR place IN 1..5 BY 2 LOOP
        CASE items[place]
            WHEN name_fmt THEN
                fmt := webauthn.cbor_text(items[place + 1]);
            WHEN name_att_stmt THEN
                att_stmt := CASE WHEN get_byte(items[place + 1], 0) >> 5 IN (4, 5) THEN items[place + 1] END;
            WHEN name_auth_data THEN
                auth_data := webauthn.cbor_bytes(items[place + 1]);
            ELSE
                RAISE 'an attestation object is a map of exactly fmt, attStmt and authData'
                    USING ERRCODE = 'WA003', DETAIL = 'malformed_attestation_object';
        END CASE;
    END LOOP;
    IF fmt IS NULL OR att_stmt IS NULL OR auth_data IS NULL THEN
        RAISE 'fmt is a text, attStmt a map (an array in compound), authData a byte string'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_attestation_object';
    END IF;
END
$$;
COMMENT ON FUNCTION webauthn.parse_attestation_object(bytea) IS
    'The members of an attestation object that fills the bytes '
    '(https://www.w3.org/TR/webauthn-3/#sctn-generating-an-attestation-object); the statement as received, still CBOR.';
