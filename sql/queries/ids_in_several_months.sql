-- Source ids that staged records use under dates of different months, and the month whose record came first.
-- grain: one row per such identity
-- columns: identity, month
-- views: staged (all groups)
SELECT identity, arg_min(month, file_no * 1000000000000 + record_no) AS month
FROM staged
WHERE NOT by_content
GROUP BY identity
HAVING min(month) <> max(month)
