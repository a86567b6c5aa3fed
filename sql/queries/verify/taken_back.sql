-- Published operations that a later run took back.
-- grain: one row per run that did it, landing and month
-- columns: generation, seq, month, records, fp
-- views: accepted, decisions, landings; for DuckDB, run by the verifier
SELECT decisions.ended_generation AS generation, accepted.seq, accepted.month, count(*) AS records, sum(accepted.row_fp) AS fp
FROM decisions
JOIN accepted ON accepted.seq = decisions.seq AND accepted.record_no = decisions.record_no
WHERE decisions.outcome = 'passed' AND decisions.ended_generation IS NOT NULL
GROUP BY decisions.ended_generation, accepted.seq, accepted.month
