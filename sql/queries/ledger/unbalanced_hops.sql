-- What a run must not commit with: a hop that did not receive just what the hop before it passed on.
-- grain: one row per landing and broken link; none when the run balances
-- columns: file_id, file_no, hop, records_in, passed_before, fp_in, fp_passed_before
-- parameters: run_id
WITH hops AS (
    SELECT file_no, file_id, hop,
           CASE hop WHEN 'read' THEN 1 WHEN 'replay' THEN 1 WHEN 'standardize' THEN 2 WHEN 'deduplicate' THEN 3
                    WHEN 'publish' THEN 4 END AS place,
           sum(records_in) AS records_in, sum(passed) AS passed,
           sum(fp_in) AS fp_in, sum(fp_passed) AS fp_passed
    FROM ledger
    WHERE run_id = %(run_id)s AND hop <> 'supersede'
    GROUP BY file_no, file_id, hop
)
SELECT before.file_id, before.file_no, coalesce(after.hop, 'after ' || before.hop) AS hop,
       coalesce(after.records_in, 0) AS records_in, before.passed AS passed_before,
       coalesce(after.fp_in, 0) AS fp_in, before.fp_passed AS fp_passed_before
FROM hops AS before
LEFT JOIN hops AS after
    ON after.file_no = before.file_no AND after.place = before.place + 1
WHERE before.place < 4
  AND (coalesce(after.records_in, 0) <> before.passed OR coalesce(after.fp_in, 0) <> before.fp_passed)
