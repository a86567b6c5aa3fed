-- The generation that a report tells of.
-- grain: one row, or none before the first publish
-- columns: generation, published_at, as_of (the day by which milestones are late; null: there is none)
SELECT generation, committed_at AS published_at, (SELECT max(as_of) FROM marts.milestones) AS as_of
FROM generations
ORDER BY generation DESC
LIMIT 1
