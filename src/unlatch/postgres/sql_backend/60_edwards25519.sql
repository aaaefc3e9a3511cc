-- The curve edwards25519 (RFC 8032 section 5.1): -x^2 + y^2 = 1 + dx^2y^2 over the integers modulo p = 2^255 - 19.
--
-- A point is an array of extended coordinates (x, y, z, t), which stand for (x/z, y/z), with xy/z = t. The formulas are
-- those of the Explicit-Formulas Database for a = -1, dbl-2008-hwcd and add-2008-hwcd-3; the addition is complete: it
-- has no exceptions. Each `t := t - round(t * reciprocal) * p` takes a remainder, see 20_numbers.sql.

CREATE OR REPLACE FUNCTION webauthn.ed25519_double(point numeric[], times integer) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 57896044618658097711785492504343953926634992332820282019728792003956564819949;
    reciprocal CONSTANT numeric :=
        172723371101888892507727037256007991422320007288725627700474069403371836063305224549e-160;
    x numeric := point[1];
    y numeric := point[2];
    z numeric := point[3];
    t numeric;
    a numeric;
    b numeric;
    e numeric;
    f numeric;
    g numeric;
    h numeric;
BEGIN
    FOR turn IN 1..times LOOP
        a := x * x;
        b := y * y;
        e := 2 * x * y;
        e := e - round(e * reciprocal) * p;
        g := b - a;
        g := g - round(g * reciprocal) * p;
        f := g - 2 * z * z;
        f := f - round(f * reciprocal) * p;
        h := -a - b;
        h := h - round(h * reciprocal) * p;
        x := e * f;
        x := x - round(x * reciprocal) * p;
        y := g * h;
        y := y - round(y * reciprocal) * p;
        z := f * g;
        z := z - round(z * reciprocal) * p;
    END LOOP;
    -- No doubling reads t, so that only the last one has to write it.
    t := e * h;
    RETURN ARRAY[x, y, z, t - round(t * reciprocal) * p];
END
$$;
COMMENT ON FUNCTION webauthn.ed25519_double(numeric[], integer) IS
    'A point, doubled once or more (https://hyperelliptic.org/EFD/g1p/auto-twisted-extended-1.html dbl-2008-hwcd).';

CREATE OR REPLACE FUNCTION webauthn.ed25519_add(
    point numeric[], x2 numeric, y2 numeric, z2 numeric, dt2 numeric) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 57896044618658097711785492504343953926634992332820282019728792003956564819949;
    reciprocal CONSTANT numeric :=
        172723371101888892507727037256007991422320007288725627700474069403371836063305224549e-160;
    a numeric := (point[2] - point[1]) * (y2 - x2);
    b numeric := (point[2] + point[1]) * (y2 + x2);
    c numeric := point[4] * dt2;
    d numeric := 2 * point[3] * z2;
    e numeric := b - a;
    f numeric := d - c;
    g numeric := d + c;
    h numeric := b + a;
BEGIN
    e := e - round(e * reciprocal) * p;
    f := f - round(f * reciprocal) * p;
    g := g - round(g * reciprocal) * p;
    h := h - round(h * reciprocal) * p;
    a := e * f;
    b := g * h;
    c := f * g;
    d := e * h;
    RETURN ARRAY[
        a - round(a * reciprocal) * p,
        b - round(b * reciprocal) * p,
        c - round(c * reciprocal) * p,
        d - round(d * reciprocal) * p];
END
$$;
COMMENT ON FUNCTION webauthn.ed25519_add(numeric[], numeric, numeric, numeric, numeric) IS
    'The sum of two points, the second given as x, y, z and 2dt '
    '(https://hyperelliptic.org/EFD/g1p/auto-twisted-extended-1.html add-2008-hwcd-3).';

CREATE OR REPLACE FUNCTION webauthn.ed25519_y(encoded bytea) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 57896044618658097711785492504343953926634992332820282019728792003956564819949;
    -- Points of order 8 double to y = 0, which gives dy^4 + 2y^2 = 1; the other root is its negative.
    order_8 CONSTANT numeric := 2707385501144840649318225287225658788936804267575313519463743609750303402022;
    y numeric;
BEGIN
    IF length(encoded) <> 32 THEN
        RETURN NULL;
    END IF;
    y := webauthn.bytes_to_numeric(webauthn.reverse_bytes(set_byte(encoded, 31, get_byte(encoded, 31) & 127)));
    RETURN CASE WHEN y < p AND y NOT IN (0, 1, p - 1, order_8, p - order_8) THEN y END;
END
$$;
COMMENT ON FUNCTION webauthn.ed25519_y(bytea) IS
    'The y of a canonical encoding that is not of small order; NULL for every other encoding '
    '(https://www.rfc-editor.org/rfc/rfc8032#section-5.1.3).';

CREATE OR REPLACE FUNCTION webauthn.ed25519_decode(encoded bytea) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 57896044618658097711785492504343953926634992332820282019728792003956564819949;
    d CONSTANT numeric := 37095705934669439343138083508754565189542113879843219016388785533085940283555;
    root_of_minus_1 CONSTANT numeric :=
        19681161376707505956807079304988542015446066515923890162744021073123829784752;
    y CONSTANT numeric := webauthn.ed25519_y(encoded);
    u numeric := (y * y - 1) % p;
    v numeric := (d * y * y + 1) % p;
    v3 numeric := v * v % p * v % p;
    x numeric;
BEGIN
    -- A candidate for the root of u/v (RFC 8032 section 5.1.3): right, wrong by a root of -1, or there is none.
    x := u * v3 * webauthn.ed25519_power(u * v3 % p * v3 % p * v % p) % p;
    v := (v * x % p * x - u) % p;
    IF v <> 0 THEN
        IF (v + 2 * u) % p <> 0 THEN
            RETURN NULL;
        END IF;
        x := x * root_of_minus_1 % p;
    END IF;
    x := (x + p) % p;
    IF x % 2 <> get_byte(encoded, 31) >> 7 THEN
        x := p - x;
    END IF;
    RETURN ARRAY[x, y, 1, x * y % p];
END
$$;
COMMENT ON FUNCTION webauthn.ed25519_decode(bytea) IS
    'The point of a canonical encoding that is not of small order; NULL for every other encoding and for what is no '
    'point (https://www.rfc-editor.org/rfc/rfc8032#section-5.1.3).';

CREATE OR REPLACE FUNCTION webauthn.ed25519_power(number numeric) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 57896044618658097711785492504343953926634992332820282019728792003956564819949;
    reciprocal CONSTANT numeric :=
        172723371101888892507727037256007991422320007288725627700474069403371836063305224549e-160;
    -- In binary the exponent is 250 ones and then 01; ones are taken five at a time.
    five_ones numeric := number;
    power numeric;
BEGIN
    FOR turn IN 1..4 LOOP
        five_ones := five_ones * five_ones % p * number % p;
    END LOOP;
    power := five_ones;
    FOR group_of_five IN 2..50 LOOP
        FOR turn IN 1..5 LOOP
            power := power * power;
            power := power - round(power * reciprocal) * p;
        END LOOP;
        power := power * five_ones;
        power := power - round(power * reciprocal) * p;
    END LOOP;
    power := power * power % p;
    RETURN power * power % p * number % p;
END
$$;
COMMENT ON FUNCTION webauthn.ed25519_power(numeric) IS 'A number to the power of (p - 5)/8 = 2^252 - 3.';
