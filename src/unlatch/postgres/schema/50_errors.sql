-- How failures are told. An error names the CHECK that pg-webauthn would have named (PG-15), or the code of the
-- library; webauthn.last_error() says code and step of this session's last call, whatever became of its transaction.

-- {codes} and {steps} are filled in from the library's own tables.
CREATE OR REPLACE FUNCTION webauthn.note(code text, step text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  codes CONSTANT text[] := '{codes}';
  steps CONSTANT text[] := '{steps}';
BEGIN
  -- setval() is not undone when the transaction is, and currval() is this session's own.
  PERFORM setval('webauthn.last_error_number',
                 coalesce(array_position(codes, code), 0) * 1000 + coalesce(array_position(steps, step), 0));
END
$$;

CREATE OR REPLACE FUNCTION webauthn.last_error(OUT code text, OUT step text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  codes CONSTANT text[] := '{codes}';
  steps CONSTANT text[] := '{steps}';
  number bigint;
BEGIN
  number := currval('webauthn.last_error_number');
  code := codes[number / 1000];
  step := steps[number % 1000];
EXCEPTION
  WHEN object_not_in_prerequisite_state THEN
    NULL;  -- nothing was called in this session
END
$$;

CREATE OR REPLACE FUNCTION webauthn.refuse(
  relation text, code text, step text, detail text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- What pg-webauthn checked has its names; what it did not check is named by the code.
  constraint_name CONSTANT text := CASE code
    WHEN 'credential_id_mismatch' THEN 'attestation_object_credential_id'
    WHEN 'type_mismatch' THEN 'client_data_json_type'
    WHEN 'challenge_mismatch' THEN 'client_data_json_challenge'
    WHEN 'user_not_verified' THEN 'user_verified_or_not_required'
    WHEN 'user_handle_mismatch' THEN 'user_handle_equal_or_null'
    WHEN 'signature_invalid' THEN 'verified_signature'
    WHEN 'malformed_credential_id' THEN 'attestation_object_credential_id'
    WHEN 'ceremony_expired' THEN
      CASE relation WHEN 'credentials' THEN 'credential_before_timeout' ELSE 'verified_before_timeout' END
    ELSE code
  END;
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'check_violation',
    MESSAGE = format('new row for relation "%s" violates check constraint "%s"', relation, constraint_name),
    DETAIL = concat_ws(' ', 'code=' || code, 'step=' || step, detail),
    SCHEMA = 'webauthn',
    TABLE = relation,
    CONSTRAINT = constraint_name;
END
$$;

-- What a judge said; NULL means nothing. Bytes that are not what the specification says are no matter of a CHECK: they
-- have the SQLSTATE that the parsers raise.
CREATE OR REPLACE FUNCTION webauthn.refuse(relation text, verdict webauthn.verdict) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF verdict.code IS NULL THEN
    RETURN;
  ELSIF verdict.code LIKE 'malformed_%' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'WA003',
      MESSAGE = concat_ws(': ', 'the response is not well-formed', verdict.detail),
      DETAIL = verdict.code;
  END IF;
  PERFORM webauthn.refuse(relation, verdict.code, verdict.step, verdict.detail);
END
$$;

-- The unique index says it too, but of two it is not sure which speaks first.
CREATE OR REPLACE FUNCTION webauthn.refuse_duplicate(relation text, constraint_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'unique_violation',
    MESSAGE = format('duplicate key value violates unique constraint "%s"', constraint_name),
    SCHEMA = 'webauthn',
    TABLE = relation,
    CONSTRAINT = constraint_name;
END
$$;

-- Called where an error passes by: what it was, for last_error().
CREATE OR REPLACE FUNCTION webauthn.note_error(ceremony text, state text, detail text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF state = '23514' THEN
    PERFORM webauthn.note(substring(detail, 'code=([a-z0-9_]+)'), substring(detail, 'step=([a-z.-]+)'));
  ELSIF state = '23505' AND ceremony = 'registration' THEN
    PERFORM webauthn.note('credential_already_registered', 'registration.credential-not-registered');
  ELSIF state = '23505' THEN
    PERFORM webauthn.note('ceremony_used', 'authentication.options');
  ELSIF detail LIKE 'malformed_%' OR state LIKE '22%' OR state IN ('54001', 'WA001') THEN
    PERFORM webauthn.note(CASE
      WHEN detail LIKE 'malformed_%' THEN detail
      WHEN state = '22004' THEN 'malformed_json_missing'
      WHEN state IN ('22P02', '54001') THEN 'malformed_json'  -- 54001: brackets in brackets
      WHEN state LIKE '22%' THEN 'malformed_client_data'
      ELSE 'algorithm_not_offered'
    END, NULL);
  ELSIF state ~ '^(40|53|55P03)' THEN
    PERFORM webauthn.note('store_unavailable', NULL);
  ELSE
    -- No relying party (55000), a missing right, a setting that the library refuses.
    PERFORM webauthn.note('misconfigured', NULL);
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION webauthn.raise_error(error_message text, error_detail json, returned anyelement)
RETURNS anyelement
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = error_message, DETAIL = coalesce(error_detail::text, '');
  RETURN returned;
END
$$;

COMMENT ON FUNCTION webauthn.note(text, text) IS 'Remember for webauthn.last_error() what happened; NULL, NULL: nothing';
COMMENT ON FUNCTION webauthn.last_error() IS
  'Code and step of what refused the last call of this session, also after ROLLBACK; NULL when it was accepted';
COMMENT ON FUNCTION webauthn.refuse(text, text, text, text) IS 'Raise the CHECK violation that stands for a refusal';
COMMENT ON FUNCTION webauthn.refuse(text, webauthn.verdict) IS 'Raise what a judge refused; return where it accepted';
COMMENT ON FUNCTION webauthn.refuse_duplicate(text, text) IS 'Raise the violation of a unique constraint';
COMMENT ON FUNCTION webauthn.note_error(text, text, text) IS 'As note, from SQLSTATE and detail of an error';
COMMENT ON FUNCTION webauthn.raise_error(text, json, anyelement) IS 'Raise an error inside an expression';
