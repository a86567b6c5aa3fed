-- The first generation committed at a time or after it.
-- grain: one row; the generation after the newest when there is none
-- columns: generation
-- parameters: since (timestamptz)
SELECT coalesce(min(generation) FILTER (WHERE committed_at >= %(since)s), coalesce(max(generation), 0) + 1)
FROM generations
