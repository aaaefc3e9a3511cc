-- Ed25519 signatures (RFC 8032 section 5.1.7).

CREATE OR REPLACE FUNCTION webauthn.verify_ed25519(public_key bytea, data bytea, signature bytea) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    p CONSTANT numeric := 57896044618658097711785492504343953926634992332820282019728792003956564819949;
    d CONSTANT numeric := 37095705934669439343138083508754565189542113879843219016388785533085940283555;
    -- The order of the base point, L in RFC 8032.
    base_order CONSTANT numeric :=
        7237005577332262213973186563042994240857116359379907606001950938285454250989;
    sign_bit CONSTANT numeric := 57896044618658097711785492504343953926634992332820282019728792003956564819968;
    -- The base point, its double, and so on to its eightfold: x, y and 2dxy.
    base_x CONSTANT numeric[] := ARRAY[
        15112221349535400772501151409588531511454012693041857206046113283949847762202,
        24727413235106541002554574571675588834622768167397638456726423682521233608206,
        46896733464454938657123544595386787789046198280132665686241321779790909858396,
        14582954232372986451776170844943001818709880559417862259286374126315108956272,
        33467004535436536005251147249499675200073690106659565782908757308821616914995,
        34643617590234865996699167120328052565261792237873803846102513686264813449789,
        9199134265559022971505535402808359556995554859516252602543778295037484220679,
        46706390780465557264338673484185971070529246228527338942042475661633188627656];
    base_y CONSTANT numeric[] := ARRAY[
        46316835694926478169428394003475163141307993866256225615783033603165251855960,
        15549675580280190176352668710449542251549572066445060580507079593062643049417,
        8324843778533443976490377120369201138301417226297555316741202210403726505172,
        32483318716863467900234833297694612235682047836132991208333042722294373421359,
        43097193783671926753355113395909008640284023746042808659097434958891230611693,
        2399184961499513294557607325187831088545696902880432827228757905043131825908,
        22512087849695599276028560866629687720820254811233262850576678203618951717560,
        15299170165656271974649334809062094114079726227711063015095704409550798436788];
    base_dt CONSTANT numeric[] := ARRAY[
        50237614328228664512531835696112167678046477356841409204013502641986506238568,
        50706672771372854810760959653406682044345679494001682866047262582014706678367,
        40779097241408971452228116607583414735230162954196233009433085899742953658505,
        57721214740011996325100163914057143626378515005646177755397197794928900898569,
        30606639029984443449548711300126286734648431208933888345371544935567354135173,
        7563714261859060042956946782859995083128379099304074101372873478829756795761,
        55464387603073125013932436385527479500842401496857817399907801729203523072930,
        17443172525282717937484496621620514525016940174535744246793836220237314429210];
    -- The same multiples of the key's negative: x, y, z and 2dt.
    x numeric[];
    y numeric[];
    z numeric[];
    dt numeric[];
    s numeric;
    base_digits numeric[];
    key_digits numeric[];
    entry integer;
    direction numeric;
    point numeric[];
BEGIN
    IF length(signature) <> 64 THEN
        RETURN false;
    END IF;
    s := webauthn.bytes_to_numeric(webauthn.reverse_bytes(substring(signature, 33)));
    point := webauthn.ed25519_decode(public_key);
    IF s >= base_order OR point IS NULL THEN
        RETURN false;
    END IF;
    base_digits := webauthn.signed_digits(s);
    key_digits := webauthn.signed_digits(
        webauthn.bytes_to_numeric(webauthn.reverse_bytes(sha512(substring(signature, 1, 32) || public_key || data)))
        % base_order);

    point := ARRAY[-point[1], point[2], point[3], -point[4]];
    FOR multiple IN 1..8 LOOP
        x[multiple] := point[1];
        y[multiple] := point[2];
        z[multiple] := point[3];
        dt[multiple] := 2 * d * point[4] % p;
        point := webauthn.ed25519_add(point, x[1], y[1], z[1], dt[1]);
    END LOOP;

    -- Both multiplications in one pass over the digits, so that the doublings are shared (Straus, Shamir).
    point := ARRAY[0, 1, 1, 0];
    FOR place IN 1..65 LOOP
        point := webauthn.ed25519_double(point, 4);
        entry := abs(key_digits[place]);
        IF entry > 0 THEN
            direction := sign(key_digits[place]);
            point := webauthn.ed25519_add(
                point, direction * x[entry], y[entry], z[entry], direction * dt[entry]);
        END IF;
        entry := abs(base_digits[place]);
        IF entry > 0 THEN
            direction := sign(base_digits[place]);
            point := webauthn.ed25519_add(
                point, direction * base_x[entry], base_y[entry], 1, direction * base_dt[entry]);
        END IF;
    END LOOP;

    -- The sum's encoding, compared with R as a number: so R that is not canonical never equals it.
    z[1] := webauthn.inverse_mod(point[3], p);
    RETURN (point[2] * z[1] % p + p) % p + (point[1] * z[1] % p + p) % p % 2 * sign_bit
        = webauthn.bytes_to_numeric(webauthn.reverse_bytes(substring(signature, 1, 32)));
END
$$;
COMMENT ON FUNCTION webauthn.verify_ed25519(bytea, bytea, bytea) IS
    'Whether a signature over data is that of the Ed25519 key (https://www.rfc-editor.org/rfc/rfc8032#section-5.1.7, '
    'the equation without the cofactor). The key must have been read by read_cose_key; one off the curve verifies '
    'nothing.';
