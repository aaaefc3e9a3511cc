-- The CHECKs of pg-webauthn that look at one row, and two of webauthn.config. No CHECK looks at another table, so that
-- a dump restores in any order: what concerns two rows is verified by store_credential and verify_assertion, under the
-- names that it had.
DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('credential_challenges', 'reasonable_timeout',
       $c$timeout BETWEEN interval '30 seconds' AND interval '10 minutes'$c$),
      ('assertion_challenges', 'reasonable_timeout',
       $c$timeout BETWEEN interval '30 seconds' AND interval '10 minutes'$c$),
      ('credentials', 'attestation_object_credential_id',
       $c$credential_id = webauthn.attested_credential_id(webauthn.attested_data(attestation_object))$c$),
      ('credentials', 'client_data_json_challenge',
       $c$challenge = webauthn.client_data_challenge(client_data_json)$c$),
      ('credentials', 'client_data_json_type',
       $c$webauthn.client_data_text(client_data_json, 'type') = 'webauthn.create'$c$),
      ('assertions', 'client_data_json_challenge',
       $c$challenge = webauthn.client_data_challenge(client_data_json)$c$),
      ('assertions', 'client_data_json_type',
       $c$webauthn.client_data_text(client_data_json, 'type') = 'webauthn.get'$c$),
      ('assertions', 'user_handle_equal_or_null', 'user_handle = user_id'),
      -- A comparison with NULL is neither true nor false: a list with a NULL in it would let everything pass.
      ('config', 'no_nulls',
       $c$num_nulls(array_position(algorithms, NULL), array_position(top_origins, NULL),
                    array_position(trust_anchors, NULL), array_position(permitted_aaguids, NULL)) = 4$c$),
      ('config', 'some_algorithms', 'cardinality(algorithms) > 0')
    ) AS w (relation, name, condition)
    WHERE NOT EXISTS (
      SELECT FROM pg_catalog.pg_constraint AS c
      WHERE c.conrelid = pg_catalog.format('webauthn.%I', w.relation)::pg_catalog.regclass AND c.conname = w.name)
  LOOP
    EXECUTE pg_catalog.format(
      'ALTER TABLE webauthn.%I ADD CONSTRAINT %I CHECK (%s)', wanted.relation, wanted.name, wanted.condition);
  END LOOP;
END
$$;
