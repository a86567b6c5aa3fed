-- The last runs that made a generation, newest first, and what became of their records.
-- grain: one row per generation, at most ten
-- parameters: as_of (null: now)
-- columns: generation, run_id, committed_at, files, records, replayed (those of them that came out of quarantine),
--          published, rejected, duplicate, superseded, skipped, held, in_quarantine (after the run, of all files)
WITH left_in_quarantine AS (
    SELECT generation,
           sum(sum(rejected - CASE hop WHEN 'replay' THEN records_in ELSE 0 END)) OVER (ORDER BY generation) AS records
    FROM ledger
    GROUP BY generation
)
SELECT generations.generation, generations.run_id, generations.committed_at,
       count(DISTINCT ledger.file_no) FILTER (WHERE hop <> 'supersede') AS files,
       coalesce(sum(records_in) FILTER (WHERE hop IN ('read', 'replay')), 0)::bigint AS records,
       coalesce(sum(records_in) FILTER (WHERE hop = 'replay'), 0)::bigint AS replayed,
       coalesce(sum(passed) FILTER (WHERE hop = 'publish'), 0)::bigint AS published,
       coalesce(sum(rejected) FILTER (WHERE hop <> 'supersede'), 0)::bigint AS rejected,
       coalesce(sum(duplicate) FILTER (WHERE hop <> 'supersede'), 0)::bigint AS duplicate,
       coalesce(sum(superseded) FILTER (WHERE hop <> 'supersede'), 0)::bigint AS superseded,
       coalesce(sum(skipped) FILTER (WHERE hop <> 'supersede'), 0)::bigint AS skipped,
       coalesce(sum(held) FILTER (WHERE hop <> 'supersede'), 0)::bigint AS held,
       coalesce((
           SELECT records
           FROM left_in_quarantine
           WHERE left_in_quarantine.generation <= generations.generation
           ORDER BY left_in_quarantine.generation DESC
           LIMIT 1
       ), 0)::bigint AS in_quarantine
FROM (
    SELECT *
    FROM generations
    WHERE %(as_of)s::bigint IS NULL OR generation <= %(as_of)s
    ORDER BY generation DESC
    LIMIT 10
) AS generations
LEFT JOIN ledger USING (run_id)
GROUP BY generations.generation, generations.run_id, generations.committed_at
ORDER BY generations.generation DESC
