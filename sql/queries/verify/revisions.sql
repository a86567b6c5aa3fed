-- Which operations a source's own revisions connect.
-- grain: one row per pair
-- columns: identity, refers_to
-- views: accepted; for DuckDB, run by the verifier
SELECT DISTINCT identity, refers_to
FROM accepted
WHERE action IS NOT NULL
