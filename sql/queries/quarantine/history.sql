-- One record of a file: every time that it was rejected, and what came of it.
-- grain: one row per judgement, the newest last
-- columns: line, table_name, hop, rules, raw, contract_version, generation, rejected_at, resolution,
--          resolved_generation, resolved_at, resolved_run_id, resolved_contract_version
-- parameters: file_id (uuid), source, user_id, record_no
SELECT line, table_name, hop, rules, raw, contract_version, quarantine.generation, put.committed_at AS rejected_at, resolution,
       resolved_generation, taken.committed_at AS resolved_at, resolved_run_id, resolved_contract_version
FROM quarantine
LEFT JOIN generations AS put ON put.generation = quarantine.generation
LEFT JOIN generations AS taken ON taken.generation = resolved_generation
WHERE file_id = %(file_id)s AND source = %(source)s AND user_id = %(user_id)s AND record_no = %(record_no)s
ORDER BY quarantine.generation
