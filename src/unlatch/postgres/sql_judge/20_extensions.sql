-- Signed outputs of known extensions have their type, range and length, asked for or not; of all others nothing is known.
CREATE OR REPLACE FUNCTION webauthn.expect_extension_outputs(ceremony text, extensions bytea) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  output record;
  bytes integer;
BEGIN
  FOR output IN SELECT webauthn.cbor_text(key) AS name, content AS value FROM webauthn.cbor_entries(extensions) LOOP
    bytes := CASE WHEN get_byte(output.value, 0) >> 5 = 2 THEN length(webauthn.cbor_bytes(output.value)) END;
    IF (CASE
      WHEN output.name IN ('pinComplexityPolicy', 'thirdPartyPayment')
        OR output.name IN ('credBlob', 'hmac-secret') AND ceremony = 'registration'
        THEN output.value IN ('\xf4', '\xf5')
      WHEN output.name = 'credBlob' THEN bytes IS NOT NULL
      -- One or two encrypted results, under PIN protocol one or two (CTAP 2.1 section 6.5).
      WHEN output.name = 'hmac-secret' OR output.name = 'hmac-secret-mc' AND ceremony = 'registration'
        THEN bytes IN (32, 48, 64, 80)
      WHEN output.name = 'credProtect' THEN webauthn.cbor_integer(output.value) BETWEEN 1 AND 3
      WHEN output.name = 'minPinLength' THEN webauthn.cbor_integer(output.value) BETWEEN 4 AND 63
      WHEN output.name = 'uvm' THEN webauthn.are_verification_methods(output.value)
      ELSE true
    END) IS NOT TRUE THEN
      RAISE 'the output of extension % has a wrong type, range or length', quote_literal(output.name)
        USING ERRCODE = 'WA003', DETAIL = 'malformed_extension_output';
    END IF;
  END LOOP;
END
$$;

-- One to three lists of three numbers.
CREATE OR REPLACE FUNCTION webauthn.are_verification_methods(output bytea) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  largest CONSTANT bigint[] := '{4294967295,65535,65535}';
  method bytea;
  numbers bytea[];
BEGIN
  IF get_byte(output, 0) NOT IN (129, 130, 131) THEN
    RETURN false;
  END IF;
  FOREACH method IN ARRAY webauthn.cbor_items(output) LOOP
    IF get_byte(method, 0) <> 131 THEN
      RETURN false;
    END IF;
    numbers := webauthn.cbor_items(method);
    FOR place IN 1..3 LOOP
      IF webauthn.cbor_integer(numbers[place]) BETWEEN 0 AND largest[place] IS NOT TRUE THEN
        RETURN false;
      END IF;
    END LOOP;
  END LOOP;
  RETURN true;
END
$$;

COMMENT ON FUNCTION webauthn.expect_extension_outputs(text, bytea) IS
  'Raises WA003 for a signed output that cannot be: https://www.w3.org/TR/webauthn-3/#sctn-defined-extensions';
COMMENT ON FUNCTION webauthn.are_verification_methods(bytea) IS 'https://www.w3.org/TR/webauthn-2/#sctn-uvm-extension';
