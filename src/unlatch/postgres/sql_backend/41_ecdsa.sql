-- ECDSA on P-256 (SEC 1 section 4.1.4, FIPS 186-5 section 6.4.2), signatures as strict DER.

CREATE OR REPLACE FUNCTION webauthn.decode_asn1_der_signature(der bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    size CONSTANT integer := length(der);
    start integer := 2;
    last integer;
    number bytea;
    numbers bytea := '';
BEGIN
    -- SEQUENCE { INTEGER, INTEGER }; 8 bytes at least, 72 at most, so that every length is one byte.
    IF size NOT BETWEEN 8 AND 72 OR get_byte(der, 0) <> 48 OR get_byte(der, 1) <> size - 2 THEN
        RETURN NULL;
    END IF;
    FOR turn IN 1..2 LOOP
        IF start + 3 > size OR get_byte(der, start) <> 2 THEN
            RETURN NULL;
        END IF;
        last := start + 1 + get_byte(der, start + 1);
        IF last < start + 2 OR last >= size OR get_byte(der, start + 2) >= 128 THEN
            RETURN NULL;  -- Cut off, empty, or negative.
        END IF;
        number := substring(der, start + 3, last - start - 1);
        IF get_byte(number, 0) = 0 AND length(number) > 1 THEN
            IF get_byte(number, 1) < 128 THEN
                RETURN NULL;  -- Padded.
            END IF;
            number := substring(number, 2);
        END IF;
        IF length(number) > 32 THEN
            RETURN NULL;
        END IF;
        numbers := numbers || decode(lpad(encode(number, 'hex'), 64, '0'), 'hex');
        start := last + 1;
    END LOOP;
    RETURN CASE WHEN start = size THEN numbers END;
END
$$;
COMMENT ON FUNCTION webauthn.decode_asn1_der_signature(bytea) IS
    'The 64 bytes r || s of a DER Ecdsa-Sig-Value for P-256; NULL for anything that is not strictly that '
    '(https://www.rfc-editor.org/rfc/rfc3279#section-2.2.3, ITU-T X.690 section 8.3 and 10.1).';

CREATE OR REPLACE FUNCTION webauthn.verify_es256(key_x bytea, key_y bytea, data bytea, signature bytea) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 115792089210356248762697446949407573530086143415290314195533631308867097853951;
    -- The order of the curve.
    n CONSTANT numeric := 115792089210356248762697446949407573529996955224135760342422259061068512044369;
    -- The generator, its double, and so on to its eightfold, affine.
    base_x CONSTANT numeric[] := ARRAY[
        48439561293906451759052585252797914202762949526041747995844080717082404635286,
        56515219790691171413109057904011688695424810155802929973526481321309856242040,
        42877656971275811310262564894490210024759287182177196162425349131675946712428,
        102369864249653057322725350723741461599905180004905897298779971437827381725266,
        36794669340896883012101473439538929759152396476648692591795318194054580155373,
        79653159259317329199152975905021693207262715618295428672027927511489832980905,
        64375483017717711348634889601793836329966447963510648681625681211348943876771,
        44710890534849379681007195543719586089737754824560621976448707498688874787731];
    base_y CONSTANT numeric[] := ARRAY[
        36134250956749795798585127919587881956611106672985015071877198253568414405109,
        3377031843712258259223711451491452598088675519751548567112458094635497583569,
        61154801112014214504178281461992570017247172004704277041681093927569603776562,
        101744491111635190512325668403432589740384530506764148840112137220732283181254,
        101659946828913883886577915207667153874746613498030835602133042203824767462820,
        105099244361861367422779349381909628134794498213392835359532911141293690159074,
        52431391916983504423217627849020916729601969409053901192561322805962577543348,
        78410552107786285403689301656392479612049391334024095564584156230482213311870];
    -- The same multiples of the key, Jacobian.
    x numeric[] := ARRAY[webauthn.bytes_to_numeric(key_x)];
    y numeric[] := ARRAY[webauthn.bytes_to_numeric(key_y)];
    z numeric[] := ARRAY[1];
    numbers CONSTANT bytea := webauthn.decode_asn1_der_signature(signature);
    r CONSTANT numeric := webauthn.bytes_to_numeric(substring(numbers, 1, 32));
    s CONSTANT numeric := webauthn.bytes_to_numeric(substring(numbers, 33));
    inverse numeric;
    base_digits numeric[];
    key_digits numeric[];
    entry integer;
    point numeric[];
BEGIN
    IF numbers IS NULL OR r NOT BETWEEN 1 AND n - 1 OR s NOT BETWEEN 1 AND n - 1 THEN
        RETURN false;
    END IF;
    inverse := webauthn.inverse_mod(s, n);
    base_digits := webauthn.signed_digits(webauthn.bytes_to_numeric(sha256(data)) * inverse % n);
    key_digits := webauthn.signed_digits(r * inverse % n);

    point := webauthn.p256_double(ARRAY[x[1], y[1], z[1]], 1);
    FOR multiple IN 2..8 LOOP
        x[multiple] := point[1];
        y[multiple] := point[2];
        z[multiple] := point[3];
        point := webauthn.p256_add(point, x[1], y[1], z[1]);
    END LOOP;

    -- Both multiplications in one pass over the digits, so that the doublings are shared (Straus, Shamir).
    point := ARRAY[1, 1, 0];
    FOR place IN 1..65 LOOP
        point := webauthn.p256_double(point, 4);
        entry := abs(key_digits[place]);
        IF entry > 0 THEN
            point := webauthn.p256_add(point, x[entry], sign(key_digits[place]) * y[entry], z[entry]);
        END IF;
        entry := abs(base_digits[place]);
        IF entry > 0 THEN
            point := webauthn.p256_add(point, base_x[entry], sign(base_digits[place]) * base_y[entry], 1);
        END IF;
    END LOOP;

    -- r is the sum's x/z^2 modulo n; below p there are at most two such numbers.
    RETURN point[3] <> 0
        AND ((point[1] - r * point[3] * point[3]) % p = 0
             OR r + n < p AND (point[1] - (r + n) * point[3] * point[3]) % p = 0);
END
$$;
COMMENT ON FUNCTION webauthn.verify_es256(bytea, bytea, bytea, bytea) IS
    'Whether a DER signature over data is that of the P-256 key with these coordinates, 32 bytes each '
    '(https://www.secg.org/sec1-v2.pdf section 4.1.4). The key must have been read by read_cose_key.';
