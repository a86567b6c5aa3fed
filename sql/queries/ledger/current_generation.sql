-- The generation that readers see.
-- grain: one row, or none before the first publish
-- columns: generation, run_id, lake (Delta version by lake table)
SELECT generation, run_id, lake
FROM generations
ORDER BY generation DESC
LIMIT 1
