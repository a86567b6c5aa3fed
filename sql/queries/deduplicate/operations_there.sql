-- Published operations that staged ones would be, without those that this run takes back.
-- grain: one row per operation
-- columns: operation_id, content_fp
-- views: published (all months), staged, further (further_occurrences), taken (to be taken back)
SELECT operation_id, content_fp
FROM published
SEMI JOIN (SELECT identity AS operation_id FROM staged UNION ALL SELECT operation_id FROM further) USING (operation_id)
ANTI JOIN taken USING (operation_id)
