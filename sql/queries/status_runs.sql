-- The last runs that made a generation, newest first, and what became of their records.
-- grain: one row per generation, at most ten
-- columns: generation, run_id, committed_at, files, records, published, rejected, duplicate, superseded, skipped, held
SELECT generations.generation, generations.run_id, generations.committed_at,
       count(DISTINCT ledger.file_no) FILTER (WHERE hop <> 'supersede') AS files,
       coalesce(sum(records_in) FILTER (WHERE hop = 'read'), 0) AS records,
       coalesce(sum(passed) FILTER (WHERE hop = 'publish'), 0) AS published,
       coalesce(sum(rejected) FILTER (WHERE hop <> 'supersede'), 0) AS rejected,
       coalesce(sum(duplicate) FILTER (WHERE hop <> 'supersede'), 0) AS duplicate,
       coalesce(sum(superseded) FILTER (WHERE hop <> 'supersede'), 0) AS superseded,
       coalesce(sum(skipped) FILTER (WHERE hop <> 'supersede'), 0) AS skipped,
       coalesce(sum(held) FILTER (WHERE hop <> 'supersede'), 0) AS held
FROM (SELECT * FROM generations ORDER BY generation DESC LIMIT 10) AS generations
LEFT JOIN ledger USING (generation)
GROUP BY generations.generation, generations.run_id, generations.committed_at
ORDER BY generations.generation DESC
