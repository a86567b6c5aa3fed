-- Users of published operations.
-- grain: one row per user
-- columns: user_id
-- views: accepted, decisions; for DuckDB, run by the verifier
SELECT DISTINCT accepted.user_id
FROM accepted
JOIN decisions ON decisions.seq = accepted.seq AND decisions.record_no = accepted.record_no
WHERE decisions.outcome = 'passed' AND decisions.ended_generation IS NULL
