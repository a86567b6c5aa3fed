-- The records that should be in quarantine, without the texts that cleanup let go.
-- grain: one row per rejected record
-- columns: those of expected_quarantine
-- views: expected_quarantine, let_go; for DuckDB, run by the verifier
SELECT expected.* REPLACE (CASE WHEN let_go.record_no IS NULL THEN expected.raw ELSE '' END AS raw)
FROM expected_quarantine AS expected
LEFT JOIN let_go
    ON expected.file_id = let_go.file_id AND expected.source = let_go.source AND expected.user_id = let_go.user_id
    AND expected.record_no = let_go.record_no AND expected.generation = let_go.generation
