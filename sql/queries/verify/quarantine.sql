-- The records that should be in quarantine, as its table has them.
-- grain: one row per rejected record
-- columns: those of the table quarantine that are compared, and partition (empty)
-- views: rejected, landings, judged_by; for DuckDB, run by the verifier
SELECT
    landings.file_id, landings.source, landings.owner AS user_id, rejected.record_no, landings.generation,
    judged_by.table_name, rejected.hop, rejected.rules, rejected.line, rejected.raw, rejected.row_fp,
    judged_by.contract_version, '' AS "partition"
FROM rejected
JOIN landings ON landings.seq = rejected.seq
JOIN judged_by ON judged_by.seq = rejected.seq
