-- What the marts were computed by was never written to the generation.
-- grain: DDL; no columns come back.
ALTER TABLE generations DROP COLUMN marts;
