-- What is inside a CBOR value that cbor_end has found to be sound. Slices stay encoded; these functions open one.

CREATE OR REPLACE FUNCTION webauthn.cbor_head_size(value bytea) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE get_byte(value, 0) & 31 WHEN 24 THEN 2 WHEN 25 THEN 3 WHEN 26 THEN 5 WHEN 27 THEN 9 ELSE 1 END
$$;
COMMENT ON FUNCTION webauthn.cbor_head_size(bytea) IS
    'How many bytes come before the content of a CBOR value (https://www.rfc-editor.org/rfc/rfc8949#section-3).';

CREATE OR REPLACE FUNCTION webauthn.cbor_argument(value bytea) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE WHEN get_byte(value, 0) & 31 < 24 THEN (get_byte(value, 0) & 31)::numeric
                ELSE webauthn.bytes_to_numeric(substring(value, 2, webauthn.cbor_head_size(value) - 1)) END
$$;
COMMENT ON FUNCTION webauthn.cbor_argument(bytea) IS
    'The argument of a CBOR value: a number, a length, or how many items follow.';

CREATE OR REPLACE FUNCTION webauthn.cbor_integer(value bytea) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE get_byte(value, 0) >> 5
               WHEN 0 THEN webauthn.cbor_argument(value)
               WHEN 1 THEN -1 - webauthn.cbor_argument(value)
           END
$$;
COMMENT ON FUNCTION webauthn.cbor_integer(bytea) IS 'The number that a CBOR value is; NULL for any other value.';

CREATE OR REPLACE FUNCTION webauthn.cbor_bytes(value bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE WHEN get_byte(value, 0) >> 5 = 2 THEN substring(value, webauthn.cbor_head_size(value) + 1) END
$$;
COMMENT ON FUNCTION webauthn.cbor_bytes(bytea) IS
    'The bytes that a CBOR value is; NULL for a value that is no byte string.';

CREATE OR REPLACE FUNCTION webauthn.cbor_text(value bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE WHEN get_byte(value, 0) >> 5 = 3
                THEN convert_from(substring(value, webauthn.cbor_head_size(value) + 1), 'UTF8') END
$$;
COMMENT ON FUNCTION webauthn.cbor_text(bytea) IS
    'The text that a CBOR value is; NULL for a value that is no text string; SQLSTATE 22021 for U+0000 in it, which '
    'PostgreSQL does not keep.';

CREATE OR REPLACE FUNCTION webauthn.cbor_items(value bytea) RETURNS bytea[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    items bytea[] := '{}';
    position integer := webauthn.cbor_head_size(value);
    next integer;
BEGIN
    WHILE position < length(value) LOOP
        next := webauthn.cbor_end(value, position, false);
        items := items || substring(value, position + 1, next - position);
        position := next;
    END LOOP;
    RETURN items;
END
$$;
COMMENT ON FUNCTION webauthn.cbor_items(bytea) IS
    'The encoded items of a CBOR array, or the encoded keys and values of a map by turns.';

CREATE OR REPLACE FUNCTION webauthn.cbor_entries(value bytea) RETURNS TABLE (key bytea, content bytea)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- Read once. In a query of SQL the planner may put the call where its result is used: once for each item.
    items CONSTANT bytea[] := webauthn.cbor_items(value);
BEGIN
    FOR place IN 1..cardinality(items) BY 2 LOOP
        key := items[place];
        content := items[place + 1];
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION webauthn.cbor_entries(bytea) IS 'The encoded keys and values of a CBOR map.';

CREATE OR REPLACE FUNCTION webauthn.cbor_jsonb(value bytea) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    CASE get_byte(value, 0) >> 5
        WHEN 0, 1 THEN
            RETURN to_jsonb(webauthn.cbor_integer(value));
        WHEN 2 THEN
            RETURN jsonb_build_object('bytes', webauthn.base64url_encode(webauthn.cbor_bytes(value)));
        WHEN 3 THEN
            RETURN to_jsonb(webauthn.cbor_text(value));
        WHEN 4 THEN
            RETURN coalesce(
                (SELECT jsonb_agg(webauthn.cbor_jsonb(item) ORDER BY number)
                 FROM unnest(webauthn.cbor_items(value)) WITH ORDINALITY AS items (item, number)), '[]');
        WHEN 5 THEN
            RETURN coalesce(
                (SELECT CASE WHEN bool_and(get_byte(key, 0) >> 5 = 3) IS NOT FALSE
                             THEN jsonb_object_agg(coalesce(webauthn.cbor_text(key), ''), webauthn.cbor_jsonb(content))
                             ELSE jsonb_build_object('map', jsonb_agg(jsonb_build_array(
                                      webauthn.cbor_jsonb(key), webauthn.cbor_jsonb(content)) ORDER BY key)) END
                 FROM webauthn.cbor_entries(value)), '{}');
        ELSE
            RETURN CASE value
                       WHEN '\xf4' THEN 'false'
                       WHEN '\xf5' THEN 'true'
                       WHEN '\xf6' THEN 'null'
                       ELSE jsonb_build_object('float', encode(substring(value, 2), 'hex')) END;
    END CASE;
END
$$;
COMMENT ON FUNCTION webauthn.cbor_jsonb(bytea) IS 'The JSON that decode_cbor gives, of a value that cbor_end has read.';

CREATE OR REPLACE FUNCTION webauthn.decode_cbor(data bytea, sorted_keys boolean DEFAULT true) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM webauthn.expect_cbor(data, sorted_keys);
    RETURN webauthn.cbor_jsonb(data);
END
$$;
COMMENT ON FUNCTION webauthn.decode_cbor(bytea, boolean) IS
    'The JSON form of one canonical CBOR value that fills the bytes (https://www.rfc-editor.org/rfc/rfc8949). What '
    'JSON does not have is named: {"bytes": base64url}, {"float": hex}, {"map": [[key, value], ...]} for a map with '
    'keys other than text. WA003 for what is not canonical, 22021 for U+0000 in a text: PostgreSQL cannot keep it.';

CREATE OR REPLACE FUNCTION webauthn.expect_cbor(data bytea, sorted_keys boolean DEFAULT true) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF webauthn.cbor_end(data, 0, sorted_keys) <> length(data) THEN
        RAISE 'bytes after the CBOR value' USING ERRCODE = 'WA003', DETAIL = 'malformed_cbor_trailing_bytes';
    END IF;
END
$$;
COMMENT ON FUNCTION webauthn.expect_cbor(bytea, boolean) IS
    'Raises WA003 where bytes are not exactly one canonical CBOR value.';
