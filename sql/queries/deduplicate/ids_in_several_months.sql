-- Source ids that staged records use under dates of different months, and the month whose record came first. What is
-- settled before (overtaken by a later version, corrected) has no say in that.
-- grain: one row per such identity
-- columns: identity, month
-- views: doubtful (doubtful_operations), settled
SELECT identity, arg_min(month, file_no * 1000000000000 + record_no) AS month
FROM doubtful
ANTI JOIN settled ON settled.file_no = doubtful.file_no AND settled.record_no = doubtful.record_no
WHERE again AND NOT by_content
GROUP BY identity
HAVING min(month) <> max(month)
