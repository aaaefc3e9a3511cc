-- The CTAP2 canonical subset of CBOR (RFC 8949; CTAP 2.1 section 8), read strictly and without making values.
--
-- There is one encoding for every value: shortest integers and lengths, definite lengths, no tags, map keys in order
-- and unique, at most five levels. So bytes can be compared instead of values: the integer -7 is the byte 26 and
-- nothing else. Whatever breaks the form raises WA003, with the stable code of the error as DETAIL; text that is not
-- UTF-8 raises PostgreSQL's own 22021.

CREATE OR REPLACE FUNCTION webauthn.cbor_end(
    data bytea, start integer, sorted_keys boolean DEFAULT true, depth integer DEFAULT 0) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    max_depth CONSTANT integer := 5;
    size CONSTANT integer := length(data);
    position integer := start + 1;
    initial integer;
    major integer;
    argument bigint;
    next integer;
    previous bytea := '';
    encoded bytea;
    keys bytea[] := '{}';
BEGIN
    IF start >= size THEN
        RAISE 'the bytes end inside a CBOR value' USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_truncated';
    END IF;
    initial := get_byte(data, start);
    IF initial >= 224 THEN
        RETURN webauthn.cbor_simple_end(data, start, initial);
    END IF;
    major := initial >> 5;
    argument := initial & 31;
    IF argument >= 24 THEN
        position := start + 1 + webauthn.cbor_argument_size(data, start);
        encoded := substring(data, start + 2, position - start - 1);
        argument := ('x' || lpad(encode(encoded, 'hex'), 16, '0'))::bit(64)::bigint;
        IF argument NOT BETWEEN 0 AND size THEN
            argument := size;  -- Longer than all that is left; by how much makes no difference.
        END IF;
    END IF;

    IF major < 2 THEN
        RETURN position;
    ELSIF major < 4 THEN
        IF position + argument > size THEN
            RAISE 'a CBOR string is longer than what is left'
                USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_truncated';
        END IF;
        IF major = 3 AND argument > 0 THEN
            PERFORM webauthn.expect_utf8(substring(data, position + 1, argument::integer));
        END IF;
        RETURN position + argument;
    ELSIF major = 6 THEN
        RAISE 'CBOR tags are not allowed' USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_tag';
    ELSIF depth = max_depth THEN
        RAISE 'CBOR nested deeper than %', max_depth USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_too_deep';
    END IF;

    IF argument > size - position THEN
        RAISE 'a CBOR array or map claims more than what is left'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_truncated';
    END IF;
    FOR item IN 1..argument LOOP
        IF major = 5 THEN
            IF position < size AND get_byte(data, position) >= 128 THEN
                RAISE 'a CBOR map key is neither an integer nor a string'
                    USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_key_type';
            END IF;
            next := webauthn.cbor_end(data, position, sorted_keys, depth + 1);
            encoded := substring(data, position + 1, next - position);
            IF sorted_keys AND encoded <= previous THEN
                IF encoded = ANY (keys) THEN
                    RAISE 'a CBOR map key stands twice'
                        USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_duplicate_key';
                END IF;
                RAISE 'CBOR map keys are not in canonical order'
                    USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_key_order';
            END IF;
            keys[item] := encoded;
            previous := encoded;
            position := next;
        END IF;
        position := webauthn.cbor_end(data, position, sorted_keys, depth + 1);
    END LOOP;
    IF NOT sorted_keys AND cardinality(keys) > 1
        AND (SELECT count(DISTINCT key) < count(*) FROM unnest(keys) AS key) THEN
        RAISE 'a CBOR map key stands twice' USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_duplicate_key';
    END IF;
    RETURN position;
END
$$;
COMMENT ON FUNCTION webauthn.cbor_end(bytea, integer, boolean, integer) IS
    'The offset of the first byte after the canonical CBOR value that starts at an offset '
    '(https://www.rfc-editor.org/rfc/rfc8949). sorted_keys := false tolerates map keys out of order, as browsers write '
    'the attestation object.';

CREATE OR REPLACE FUNCTION webauthn.cbor_argument_size(data bytea, start integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    short CONSTANT integer := get_byte(data, start) & 31;
    size integer;
BEGIN
    IF short = 31 THEN
        RAISE 'a CBOR value of indefinite length'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_indefinite_length';
    ELSIF short > 27 THEN
        RAISE 'reserved CBOR additional information' USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_simple_value';
    END IF;
    size := 1 << (short - 24);
    IF start + 1 + size > length(data) THEN
        RAISE 'the bytes end inside a CBOR integer or length'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_truncated';
    END IF;
    -- A shorter form would have done: below 24, or nothing in the upper half.
    IF size = 1 AND get_byte(data, start + 1) < 24
        OR size > 1 AND substring(data, start + 2, size / 2) = substring('\x00000000'::bytea, 1, size / 2) THEN
        RAISE 'a CBOR integer or length is longer than needed'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_not_minimal';
    END IF;
    RETURN size;
END
$$;
COMMENT ON FUNCTION webauthn.cbor_argument_size(bytea, integer) IS
    'How many bytes hold the argument of a CBOR head whose initial byte says that it follows '
    '(https://www.rfc-editor.org/rfc/rfc8949#section-3).';

CREATE OR REPLACE FUNCTION webauthn.cbor_simple_end(data bytea, start integer, initial integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    size integer;
BEGIN
    CASE initial
        WHEN 244, 245, 246 THEN  -- false, true, null
            size := 0;
        WHEN 249, 250, 251 THEN  -- floating-point numbers
            size := 2 << (initial - 249);
        WHEN 255 THEN
            RAISE 'a CBOR break outside an indefinite length'
                USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_indefinite_length';
        ELSE
            RAISE 'a CBOR simple value that has no meaning here'
                USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_simple_value';
    END CASE;
    IF start + 1 + size > length(data) THEN
        RAISE 'the bytes end inside a CBOR number' USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_truncated';
    END IF;
    RETURN start + 1 + size;
END
$$;
COMMENT ON FUNCTION webauthn.cbor_simple_end(bytea, integer, integer) IS
    'As cbor_end, for false, true, null and floating-point numbers.';

CREATE OR REPLACE FUNCTION webauthn.expect_utf8(data bytea) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    checked bytea := data;
BEGIN
    IF position('\x00'::bytea IN data) > 0 THEN
        -- PostgreSQL refuses U+0000, which is UTF-8 all the same; another character of one byte takes its place.
        checked := decode(replace(regexp_replace(encode(data, 'hex'), '(..)', '\1 ', 'g'), '00 ', '20 '), 'hex');
    END IF;
    PERFORM convert(checked, 'UTF8', 'UTF8');
END
$$;
COMMENT ON FUNCTION webauthn.expect_utf8(bytea) IS
    'Raises SQLSTATE 22021 where bytes are not UTF-8 (https://www.rfc-editor.org/rfc/rfc3629).';
