-- Take over the tables of pg-webauthn where they are, with their rows: they leave its extension, lose the columns and
-- CHECKs that its functions computed, and the functions go. Views that use such a column make this fail, and nothing
-- is changed: drop them, install, and create them again.
DO $$
DECLARE
  item record;
  routines text;
BEGIN
  FOR item IN
    SELECT d.classid, d.objid
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'webauthn'
    WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
      AND d.classid IN (
        'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_namespace'::regclass)
  LOOP
    IF item.classid = 'pg_catalog.pg_type'::regclass THEN
      EXECUTE format('ALTER EXTENSION webauthn DROP TYPE %s', item.objid::regtype);
    ELSIF item.classid = 'pg_catalog.pg_namespace'::regclass THEN
      EXECUTE format('ALTER EXTENSION webauthn DROP SCHEMA %s', item.objid::regnamespace);
    ELSE
      EXECUTE format('ALTER EXTENSION webauthn DROP TABLE %s', item.objid::regclass);
    END IF;
  END LOOP;
  FOR item IN
    SELECT c.conrelid::regclass AS relation, c.conname AS name
    FROM pg_catalog.pg_constraint AS c
    WHERE c.contype = 'c' AND c.connamespace = 'webauthn'::regnamespace
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', item.relation, item.name);
  END LOOP;
  FOR item IN
    SELECT a.attrelid::regclass AS relation, a.attname AS name
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS r ON r.oid = a.attrelid AND r.relnamespace = 'webauthn'::regnamespace
    WHERE a.attgenerated <> '' AND NOT a.attisdropped
  LOOP
    EXECUTE format('ALTER TABLE %s DROP COLUMN %I', item.relation, item.name);
  END LOOP;
  -- An index of signatures themselves has no room for long ones; 40_tables.sql makes another under its name.
  ALTER TABLE IF EXISTS webauthn.assertions DROP CONSTRAINT IF EXISTS assertions_pkey;
  DROP EXTENSION IF EXISTS webauthn;
  SELECT string_agg(p.oid::regprocedure::text, ', ') INTO routines
  FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'webauthn'::regnamespace;
  IF routines IS NOT NULL THEN
    EXECUTE 'DROP ROUTINE ' || routines;
  END IF;
END
$$;
