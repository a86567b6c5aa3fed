-- Files of a generation of which quarantine does not hold what the ledger says: the records rejected on whatever hop,
-- less those that came into the hop `replay`, in count and in the sum of their fingerprints.
-- grain: one row per file, source and owner that differs
-- columns: file_id, source, user_id, records_expected, records, fp_expected, fp
-- parameters: generation (the files that it touched; null: all)
WITH touched AS (
    SELECT DISTINCT file_id, source, user_id
    FROM ledger
    WHERE (%(generation)s::bigint IS NULL OR generation = %(generation)s) AND (rejected > 0 OR hop = 'replay')
),
expected AS (
    SELECT file_id, source, user_id,
           sum(rejected - CASE hop WHEN 'replay' THEN records_in ELSE 0 END) AS records,
           sum(fp_rejected - CASE hop WHEN 'replay' THEN fp_in ELSE 0 END) AS fp
    FROM ledger
    JOIN touched USING (file_id, source, user_id)
    GROUP BY file_id, source, user_id
),
held AS (
    SELECT file_id, source, user_id, count(*) AS records, sum(row_fp) AS fp
    FROM quarantine
    JOIN touched USING (file_id, source, user_id)
    WHERE resolved_generation IS NULL
    GROUP BY file_id, source, user_id
)
SELECT file_id, source, user_id, expected.records AS records_expected, coalesce(held.records, 0) AS records,
       expected.fp AS fp_expected, coalesce(held.fp, 0) AS fp
FROM expected
LEFT JOIN held USING (file_id, source, user_id)
WHERE expected.records <> coalesce(held.records, 0) OR expected.fp <> coalesce(held.fp, 0)
ORDER BY file_id, source, user_id
