-- Ledger rows of the newest generation that do not balance, and hops that did not receive what the hop before passed on.
-- grain: one row per fault; none when the generation balances
-- columns: file_id, file_no, hop, records_in, records_expected, fp_in, fp_expected
WITH newest AS (
    SELECT file_id, file_no, hop, records_in, fp_in, passed, fp_passed,
           passed + rejected + duplicate + superseded + skipped + held AS records_out,
           fp_passed + fp_rejected + fp_duplicate + fp_superseded + fp_skipped + fp_held AS fp_out,
           CASE hop WHEN 'replay' THEN 1
                ELSE array_position(ARRAY['read', 'standardize', 'deduplicate', 'publish'], hop) END AS place
    FROM ledger
    WHERE generation = (SELECT max(generation) FROM generations)
),
hops AS (
    SELECT file_id, file_no, hop, place, sum(records_in) AS records_in, sum(fp_in) AS fp_in,
           sum(passed) AS passed, sum(fp_passed) AS fp_passed
    FROM newest
    WHERE place IS NOT NULL
    GROUP BY file_id, file_no, hop, place
)
SELECT file_id, file_no, hop, records_in, records_out AS records_expected, fp_in, fp_out AS fp_expected
FROM newest
WHERE records_in <> records_out OR fp_in <> fp_out
UNION ALL
SELECT before.file_id, before.file_no, coalesce(after.hop, 'after ' || before.hop), coalesce(after.records_in, 0),
       before.passed, coalesce(after.fp_in, 0), before.fp_passed
FROM hops AS before
LEFT JOIN hops AS after ON after.file_no = before.file_no AND after.place = before.place + 1
WHERE before.place < 4
  AND (coalesce(after.records_in, 0) <> before.passed OR coalesce(after.fp_in, 0) <> before.fp_passed)
