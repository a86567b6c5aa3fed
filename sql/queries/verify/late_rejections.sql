-- Operations that de-duplication should reject.
-- grain: one row per such operation
-- columns: seq, record_no, reasons, row_fp
-- views: accepted, decisions; for DuckDB, run by the verifier
SELECT decisions.seq, decisions.record_no, decisions.reasons, accepted.row_fp
FROM decisions
JOIN accepted ON accepted.seq = decisions.seq AND accepted.record_no = decisions.record_no
WHERE decisions.outcome = 'rejected'
