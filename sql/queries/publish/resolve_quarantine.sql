-- Mark the rows of quarantine that a run resolves.
-- parameters: generation, run_id (of the run)
UPDATE quarantine
SET resolved_generation = %(generation)s,
    resolved_run_id = %(run_id)s,
    resolution = resolved.resolution,
    resolved_contract_version = resolved.contract_version
FROM resolved_quarantine AS resolved
WHERE quarantine.file_id = resolved.file_id AND quarantine.source = resolved.source
  AND quarantine.user_id = resolved.user_id AND quarantine.record_no = resolved.record_no
  AND quarantine.generation = resolved.generation AND quarantine.resolved_generation IS NULL
