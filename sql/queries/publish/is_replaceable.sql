-- Whether a new table can take the place of another one, which must be as we made it: what people have given it since
-- (rights, indexes, views over it, triggers, policies, a publication) would go with it, or keep it from being dropped.
-- grain: one row
-- columns: replaceable
-- parameters: old, new (their names)
SELECT old.relowner = new.relowner
   AND old.relacl IS NOT DISTINCT FROM new.relacl
   AND NOT old.relhastriggers
   AND NOT old.relrowsecurity
   AND (SELECT count(*) FROM pg_index WHERE indrelid = old.oid) = 1
   AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = old.oid AND attacl IS NOT NULL)
   AND NOT EXISTS (SELECT FROM pg_publication_rel WHERE prrelid = old.oid)
   AND NOT EXISTS (
       SELECT FROM pg_depend
       WHERE refclassid = 'pg_class'::regclass AND refobjid = old.oid AND deptype = 'n'
   ) AS replaceable
FROM pg_class AS old, pg_class AS new
WHERE old.oid = %(old)s::regclass AND new.oid = %(new)s::regclass
