-- Delete the generations that `cleanup_generations` counts.
-- parameters: generation (the last one)
DELETE FROM generations
WHERE generation <= %(generation)s
  AND generation < (SELECT max(generation) FROM generations)
  AND NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.generation = generations.generation)
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
