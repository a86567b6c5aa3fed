-- The first generation that nobody has verified since, in whole or by its files.
-- grain: one row, or none before the first publish
-- columns: since (null: nothing has changed), current
SELECT CASE WHEN newest.generation > verified.generation THEN verified.generation + 1 END AS since,
       newest.generation AS current
FROM (SELECT max(generation) AS generation FROM generations) AS newest
CROSS JOIN (
    SELECT coalesce(max(generation), 0) AS generation
    FROM verifications
    WHERE differences = 0 AND (scope = 'everything' OR since IS NOT NULL)
) AS verified
WHERE newest.generation IS NOT NULL
