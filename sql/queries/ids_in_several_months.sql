-- Source ids that staged records use under dates of different months, and the month whose record came first. What is
-- settled before (overtaken by a later version, corrected) has no say in that.
-- grain: one row per such identity
-- columns: identity, month
-- views: staged (all groups), settled
SELECT identity, arg_min(month, file_no * 1000000000000 + record_no) AS month
FROM staged
ANTI JOIN settled ON settled.file_no = staged.file_no AND settled.record_no = staged.record_no
WHERE NOT by_content
GROUP BY identity
HAVING min(month) <> max(month)
