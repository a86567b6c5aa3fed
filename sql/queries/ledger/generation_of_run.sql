-- The generation that a run committed here, if it did.
-- grain: one row or none
-- columns: generation
-- parameters: run_id
SELECT generation
FROM generations
WHERE run_id = %(run_id)s
