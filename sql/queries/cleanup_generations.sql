-- Generations of long ago that nothing names: no line of the ledger, no change, no quarantine, no report, no month that left.
-- grain: one row
-- columns: generation (the last one of them; null: none), generations (how many)
-- parameters: before (instant), kept (so many of the newest stay, however old)
SELECT max(generation) AS generation, count(*) AS generations
FROM generations
WHERE committed_at < %(before)s
  AND generation <= (SELECT max(generation) FROM generations) - %(kept)s
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
