-- What became of accepted operations on the hop `deduplicate`.
-- grain: one row per landing, month and outcome
-- columns: seq, month, outcome, records, fp
-- views: accepted, decisions; for DuckDB, run by the verifier
SELECT accepted.seq, accepted.month, decisions.outcome, count(*) AS records, sum(accepted.row_fp) AS fp
FROM accepted
JOIN decisions ON decisions.seq = accepted.seq AND decisions.record_no = accepted.record_no
GROUP BY accepted.seq, accepted.month, decisions.outcome
