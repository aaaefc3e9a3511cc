-- The curve P-256 (SEC 2 section 2.4.2): y^2 = x^3 - 3x + b over the integers modulo p.
--
-- A point is an array of Jacobian coordinates (x, y, z), which stand for (x/z^2, y/z^3); z = 0 is the point at
-- infinity. The formulas are those of the Explicit-Formulas Database for a = -3, dbl-2001-b and add-1998-cmo-2. Each
-- `t := t - round(t * reciprocal) * p` takes a remainder, see 20_numbers.sql.

CREATE OR REPLACE FUNCTION webauthn.p256_contains(x numeric, y numeric) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 115792089210356248762697446949407573530086143415290314195533631308867097853951;
    b CONSTANT numeric := 41058363725152142129326129780047268409114441015993725554835256314039467401291;
BEGIN
    RETURN x < p AND y < p AND (y * y - (x * x - 3) * x - b) % p = 0;
END
$$;
COMMENT ON FUNCTION webauthn.p256_contains(numeric, numeric) IS
    'Whether affine coordinates are in range and on P-256 (https://www.secg.org/sec1-v2.pdf section 3.2.2.1). The '
    'order of the curve is prime, so every such point is fit for use.';

CREATE OR REPLACE FUNCTION webauthn.p256_double(point numeric[], times integer) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 115792089210356248762697446949407573530086143415290314195533631308867097853951;
    reciprocal CONSTANT numeric :=
        86361685571052093087723006588394239919487907909901666852580479680383485542315347199e-160;
    x numeric := point[1];
    y numeric := point[2];
    z numeric := point[3];
    gamma numeric;
    delta numeric;
    beta numeric;
    alpha numeric;
BEGIN
    FOR turn IN 1..times LOOP
        delta := z * z;
        delta := delta - round(delta * reciprocal) * p;
        gamma := y * y;
        gamma := gamma - round(gamma * reciprocal) * p;
        beta := x * gamma;
        beta := beta - round(beta * reciprocal) * p;
        alpha := 3 * (x - delta) * (x + delta);
        alpha := alpha - round(alpha * reciprocal) * p;
        z := 2 * y * z;
        z := z - round(z * reciprocal) * p;
        x := alpha * alpha - 8 * beta;
        x := x - round(x * reciprocal) * p;
        y := alpha * (4 * beta - x) - 8 * gamma * gamma;
        y := y - round(y * reciprocal) * p;
    END LOOP;
    RETURN ARRAY[x, y, z];
END
$$;
COMMENT ON FUNCTION webauthn.p256_double(numeric[], integer) IS
    'A Jacobian point, doubled some times (https://hyperelliptic.org/EFD/g1p/auto-shortw-jacobian-3.html dbl-2001-b).';

CREATE OR REPLACE FUNCTION webauthn.p256_add(point numeric[], x2 numeric, y2 numeric, z2 numeric) RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 115792089210356248762697446949407573530086143415290314195533631308867097853951;
    reciprocal CONSTANT numeric :=
        86361685571052093087723006588394239919487907909901666852580479680383485542315347199e-160;
    u numeric := point[1];
    s numeric := point[2];
    z numeric := point[3];
    square numeric;
    cube numeric;
    h numeric;
    r numeric;
    x numeric;
    y numeric;
BEGIN
    IF z = 0 THEN
        RETURN ARRAY[x2, y2, z2];
    END IF;
    square := z * z;
    square := square - round(square * reciprocal) * p;
    cube := z * square;
    cube := cube - round(cube * reciprocal) * p;
    IF z2 <> 1 THEN
        -- Bring (u, s) to the denominators of the other point as well.
        h := z2 * z2;
        h := h - round(h * reciprocal) * p;
        u := u * h;
        u := u - round(u * reciprocal) * p;
        h := h * z2;
        h := h - round(h * reciprocal) * p;
        s := s * h;
        s := s - round(s * reciprocal) * p;
        z := z * z2;
        z := z - round(z * reciprocal) * p;
    END IF;
    h := x2 * square - u;
    h := h - round(h * reciprocal) * p;
    r := y2 * cube - s;
    r := r - round(r * reciprocal) * p;
    IF h = 0 THEN
        -- The same point, or its negative.
        RETURN CASE WHEN r = 0 THEN webauthn.p256_double(point, 1) ELSE ARRAY[1, 1, 0] END;
    END IF;
    square := h * h;
    square := square - round(square * reciprocal) * p;
    cube := h * square;
    cube := cube - round(cube * reciprocal) * p;
    u := u * square;
    u := u - round(u * reciprocal) * p;
    x := r * r - cube - 2 * u;
    x := x - round(x * reciprocal) * p;
    y := r * (u - x) - s * cube;
    y := y - round(y * reciprocal) * p;
    z := z * h;
    z := z - round(z * reciprocal) * p;
    RETURN ARRAY[x, y, z];
END
$$;
COMMENT ON FUNCTION webauthn.p256_add(numeric[], numeric, numeric, numeric) IS
    'The sum of two Jacobian points, the second of which is not at infinity '
    '(https://hyperelliptic.org/EFD/g1p/auto-shortw-jacobian-3.html add-1998-cmo-2).';
