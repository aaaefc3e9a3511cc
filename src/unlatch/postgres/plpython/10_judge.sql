-- The backend `plpython`: the library's own ceremonies, inside PL/Python. Where the library is, is written into the
-- functions (or told by the server's environment): as a setting or a row it would let whoever may change that choose
-- what code the system user of the server runs.
CREATE OR REPLACE FUNCTION webauthn.judge_registration(
  ceremony webauthn.credential_challenges,
  party webauthn.config,
  credential_id bytea,
  attestation_object bytea,
  client_data bytea,
  at double precision
) RETURNS webauthn.verdict
LANGUAGE plpython3u STABLE
SET search_path = pg_catalog, pg_temp
AS $$
{path}from unlatch.postgres import judges
return judges.registration(ceremony, party, credential_id, attestation_object, client_data, at)
$$;

CREATE OR REPLACE FUNCTION webauthn.judge_authentication(
  ceremony webauthn.assertion_challenges,
  party webauthn.config,
  credential webauthn.credentials,
  sign_count bigint,
  authenticator_data bytea,
  client_data bytea,
  signature bytea,
  user_handle bytea,
  at double precision
) RETURNS webauthn.verdict
LANGUAGE plpython3u STABLE
SET search_path = pg_catalog, pg_temp
AS $$
{path}from unlatch.postgres import judges
return judges.authentication(
    ceremony, party, credential, sign_count, authenticator_data, client_data, signature, user_handle, at
)
$$;

CREATE OR REPLACE FUNCTION webauthn.verify_signature(cose_key bytea, data bytea, signature bytea) RETURNS boolean
LANGUAGE plpython3u IMMUTABLE STRICT PARALLEL SAFE
AS $$
{path}from unlatch.postgres import judges
return judges.is_valid(cose_key, data, signature)
$$;

CREATE OR REPLACE FUNCTION webauthn.algorithms() RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{algorithms}'::integer[];

CREATE OR REPLACE FUNCTION webauthn.backend() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'plpython';

-- What the server's Python loads, for those who install.
CREATE OR REPLACE FUNCTION webauthn.library_version() RETURNS text
LANGUAGE plpython3u STABLE
AS $$
import sys
{path}try:
    from unlatch import __version__
except ImportError as error:
    plpy.error(
        f"Python {sys.version.split()[0]} of the database server cannot load the library: {error}",
        hint="Install unlatch for that Python in a folder that the server may read, and name it with --python-path.",
        sqlstate="55000",
    )
return __version__
$$;

CREATE OR REPLACE FUNCTION webauthn.library_path() RETURNS text
LANGUAGE plpython3u STABLE
AS $$
{path}from unlatch import __file__
return __file__
$$;

COMMENT ON FUNCTION webauthn.library_version() IS 'Version of unlatch that the server''s Python loads';
COMMENT ON FUNCTION webauthn.library_path() IS 'Where it lies';
