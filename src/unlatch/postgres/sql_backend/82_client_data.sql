-- The client data (WebAuthn section 5.8.1): what the browser says it did, for whom and where.
--
-- jsonb keeps the last of two equal members in silence; two readers of the same bytes could then disagree about an
-- origin. So the text stays json, whose members are all seen. Two things that JSON allows are refused because
-- PostgreSQL cannot hold them, U+0000 in a string and numbers that are no double; browsers write neither.

CREATE OR REPLACE FUNCTION webauthn.parse_client_data(
    client_data_json bytea,
    OUT type text, OUT challenge text, OUT origin text, OUT cross_origin boolean, OUT top_origin text)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    max_bytes CONSTANT integer := 65536;
    byte_order_mark CONSTANT bytea := '\xefbbbf';
    members json;
    kinds jsonb;
BEGIN
    IF length(client_data_json) > max_bytes THEN
        RAISE 'client data of more than % bytes', max_bytes USING ERRCODE = 'WA003', DETAIL = 'malformed_too_large';
    END IF;
    IF substring(client_data_json, 1, 3) = byte_order_mark THEN
        client_data_json := substring(client_data_json, 4);
    END IF;
    members := convert_from(client_data_json, 'UTF8')::json;
    IF json_typeof(members) <> 'object' THEN
        RAISE 'client data is a JSON object' USING ERRCODE = 'WA003', DETAIL = 'malformed_json_type';
    END IF;
    PERFORM webauthn.expect_unambiguous_json(members);

    SELECT jsonb_object_agg(key, json_typeof(value)) INTO kinds FROM json_each(members);
    IF NOT coalesce(kinds @> '{"type": "string", "challenge": "string", "origin": "string"}', false) THEN
        RAISE 'type, challenge and origin must be there and be strings'
            USING ERRCODE = 'WA003', DETAIL = 'malformed_client_data';
    ELSIF coalesce(kinds ->> 'crossOrigin', 'boolean') <> 'boolean' THEN
        RAISE 'crossOrigin is a boolean' USING ERRCODE = 'WA003', DETAIL = 'malformed_client_data';
    ELSIF coalesce(kinds ->> 'topOrigin', 'string') <> 'string' THEN
        RAISE 'topOrigin is a string' USING ERRCODE = 'WA003', DETAIL = 'malformed_client_data';
    END IF;
    type := members ->> 'type';
    challenge := members ->> 'challenge';
    origin := members ->> 'origin';
    cross_origin := coalesce(members ->> 'crossOrigin', 'false');
    top_origin := members ->> 'topOrigin';
END
$$;
COMMENT ON FUNCTION webauthn.parse_client_data(bytea) IS
    'The members of clientDataJSON that a relying party checks '
    '(https://www.w3.org/TR/webauthn-3/#dictdef-collectedclientdata); crossOrigin is false when absent. WA003 where '
    'one is missing or of another type, or a member of any object stands twice; PostgreSQL''s own errors (class 22, '
    '54001) for what is no UTF-8 or no JSON.';

CREATE OR REPLACE FUNCTION webauthn.expect_unambiguous_json(value json, depth integer DEFAULT 0) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    max_depth CONSTANT integer := 32;
BEGIN
    CASE json_typeof(value)
        WHEN 'number' THEN
            PERFORM value::text::double precision;
        WHEN 'object', 'array' THEN
            IF depth = max_depth THEN
                RAISE 'JSON nested deeper than %', max_depth USING ERRCODE = 'WA003', DETAIL = 'malformed_json';
            ELSIF json_typeof(value) = 'array' THEN
                PERFORM webauthn.expect_unambiguous_json(item, depth + 1) FROM json_array_elements(value) AS item;
            ELSIF (SELECT count(DISTINCT key) < count(*) FROM json_each(value)) THEN
                RAISE 'a JSON member stands twice in one object'
                    USING ERRCODE = 'WA003', DETAIL = 'malformed_json_duplicate_member';
            ELSE
                PERFORM webauthn.expect_unambiguous_json(member.value, depth + 1) FROM json_each(value) AS member;
            END IF;
        ELSE
            NULL;
    END CASE;
END
$$;
COMMENT ON FUNCTION webauthn.expect_unambiguous_json(json, integer) IS
    'Raises where JSON could be read in two ways: a member that stands twice, half a character, a number that is no '
    'double, nesting that a reader may not follow (https://www.rfc-editor.org/rfc/rfc8259#section-4).';
