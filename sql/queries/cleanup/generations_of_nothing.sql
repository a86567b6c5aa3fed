-- Generations that nothing names: no line of the ledger, no change, no quarantine, no report, no month that left.
-- grain: one row a generation
-- columns: generation, committed_at
SELECT generation, committed_at
FROM generations
WHERE NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.generation = generations.generation)
  AND NOT EXISTS (SELECT 1 FROM changes WHERE changes.generation = generations.generation)
  AND NOT EXISTS (
      SELECT 1
      FROM quarantine
      WHERE generations.generation IN (quarantine.generation, quarantine.resolved_generation)
  )
  AND NOT EXISTS (SELECT 1 FROM reports WHERE reports.generation = generations.generation)
  AND NOT EXISTS (
      SELECT 1
      FROM cleanups
      WHERE generations.generation IN (cleanups.generation, cleanups.restored_generation)
  )
