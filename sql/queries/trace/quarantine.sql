-- What quarantine knows of a record: each judgement that rejected it, and what became of it.
-- grain: one row per judgement
-- columns: generation, hop, rules, contract_version, resolution, resolved_generation, resolved_run_id,
--     resolved_contract_version
-- parameters: file_id (uuid), source, user_id (whom the file was landed for), record_no
SELECT
    generation, hop, rules, contract_version, resolution, resolved_generation, resolved_run_id,
    resolved_contract_version
FROM quarantine
WHERE
    file_id = %(file_id)s AND source = %(source)s AND user_id = %(user_id)s AND record_no = %(record_no)s
ORDER BY generation
