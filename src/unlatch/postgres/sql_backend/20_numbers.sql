-- Large integers, as numeric, and what all signature schemes need of them.
--
-- Division is by far the slowest thing that numeric does. So remainders are taken without it: for a modulus m and its
-- reciprocal 1/m, written down to more digits than the dividend has,
--
--     c - round(c * (1/m)) * m
--
-- is congruent to c whatever the reciprocal is worth, because round() gives an integer; that the reciprocal is precise
-- makes the result small: at most m/2 in magnitude, perhaps negative, and 0 exactly for the multiples of m (Barrett
-- reduction, with a balanced remainder). Verification handles public values only, so its timing tells nothing.

CREATE OR REPLACE FUNCTION webauthn.bytes_to_numeric(data bytea) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- Seven bytes at a time fit into a bigint; the first step takes what is left over.
    head CONSTANT integer := length(data) % 7;
    number numeric := 0;
BEGIN
    IF head > 0 THEN
        number := ('x' || lpad(encode(substring(data, 1, head), 'hex'), 14, '0'))::bit(56)::bigint;
    END IF;
    FOR start IN head + 1..length(data) BY 7 LOOP
        number := number * 72057594037927936
            + ('x' || encode(substring(data, start, 7), 'hex'))::bit(56)::bigint;
    END LOOP;
    RETURN number;
END
$$;
COMMENT ON FUNCTION webauthn.bytes_to_numeric(bytea) IS
    'The number that big-endian bytes stand for (OS2IP, https://www.rfc-editor.org/rfc/rfc8017#section-4.2).';

CREATE OR REPLACE FUNCTION webauthn.reverse_bytes(data bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT string_agg(substring(data, place, 1), ''::bytea ORDER BY place DESC)
    FROM generate_series(1, length(data)) AS place
$$;
COMMENT ON FUNCTION webauthn.reverse_bytes(bytea) IS 'Bytes last to first: little-endian to big-endian.';

CREATE OR REPLACE FUNCTION webauthn.inverse_mod(number numeric, modulus numeric) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- Euclid's algorithm, extended: r is congruent to number * t, and so is next_r to number * next_t.
    r numeric := modulus;
    next_r numeric := ((number % modulus) + modulus) % modulus;
    t numeric := 0;
    next_t numeric := 1;
    quotient numeric;
    swap numeric;
BEGIN
    WHILE next_r <> 0 LOOP
        quotient := div(r, next_r);
        swap := r - quotient * next_r;
        r := next_r;
        next_r := swap;
        swap := t - quotient * next_t;
        t := next_t;
        next_t := swap;
    END LOOP;
    RETURN t;
END
$$;
COMMENT ON FUNCTION webauthn.inverse_mod(numeric, numeric) IS
    'The inverse of a number that has no divisor in common with the modulus; smaller than it, perhaps negative.';

CREATE OR REPLACE FUNCTION webauthn.signed_digits(scalar numeric) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- 8 in each of the 65 digits. Added first and taken off each digit afterwards, it moves the digits to -8..7.
    eights CONSTANT numeric :=
        988092494825098200947805738740803480347903869146799479803371383534192039594120;
    remaining numeric := scalar + eights;
    hex text := '';
    digits numeric[];
BEGIN
    FOR part IN 1..5 LOOP
        hex := lpad(to_hex((remaining % 4503599627370496)::bigint), 13, '0') || hex;
        remaining := div(remaining, 4503599627370496);
    END LOOP;
    FOR place IN 1..65 LOOP
        digits[place] := position(substring(hex, place, 1) IN '0123456789abcdef') - 9;
    END LOOP;
    RETURN digits;
END
$$;
COMMENT ON FUNCTION webauthn.signed_digits(numeric) IS
    'A number between -2^256 and 2^256 in base 16 with the digits -8..7, the highest of 65 digits first: eight '
    'multiples of a point, and their negatives, serve all digits.';
