-- Records that left quarantine, with the run that took them out.
-- grain: one row per record of quarantine that is not open any more
-- columns: file_id, source, user_id, record_no, row_fp, generation, resolved_generation, resolved_contract_version,
-- resolution
SELECT
    file_id, source, user_id, record_no, row_fp, generation, resolved_generation, resolved_contract_version, resolution
FROM quarantine
WHERE resolved_generation IS NOT NULL
ORDER BY file_id, source, user_id, record_no, generation
