-- Which of the staged operations that are not plainly new are new all the same, which are there already, and which
-- contradict what is there.
-- grain: one row per doubtful operation
-- columns: file_no, record_no, month, operation_id, outcome (passed, duplicate, rejected), reasons (CODE:field joined by ;)
-- views: doubtful (doubtful_operations), further (further_occurrences), settled (decided before), there
-- (operations_there), first_month (ids_in_several_months)
--
-- Identity by the source's own id names one operation. Identity by content names as many as one file shows of it.
WITH good AS (
    SELECT doubtful.*, coalesce(further.operation_id, identity) AS operation_id
    FROM doubtful
    LEFT JOIN further ON further.file_no = doubtful.file_no AND further.record_no = doubtful.record_no
    ANTI JOIN settled ON settled.file_no = doubtful.file_no AND settled.record_no = doubtful.record_no
    WHERE reasons = ''
),
named AS (
    SELECT file_no, record_no, month, by_content, content_fp, identity, operation_id,
           row_number() OVER same AS place, first_value(content_fp) OVER same AS first_fp
    FROM good
    WHERE again
    WINDOW same AS (PARTITION BY operation_id ORDER BY file_no, record_no)
    UNION ALL
    SELECT file_no, record_no, month, by_content, content_fp, identity, operation_id, 1, content_fp
    FROM good
    WHERE NOT again
)
SELECT named.file_no, named.record_no, named.month, named.operation_id,
       CASE WHEN winners.operation_id IS NOT NULL AND winners.content_fp = named.content_fp THEN 'duplicate'
            WHEN winners.operation_id IS NOT NULL THEN 'rejected'
            WHEN there.operation_id IS NOT NULL AND there.content_fp = named.content_fp THEN 'duplicate'
            WHEN there.operation_id IS NOT NULL THEN 'rejected'
            WHEN first_month.identity IS NOT NULL AND first_month.month <> named.month THEN 'rejected'
            WHEN named.place = 1 THEN 'passed'
            WHEN named.first_fp = named.content_fp THEN 'duplicate'
            ELSE 'rejected' END AS outcome,
       CASE WHEN outcome = 'rejected' THEN 'ID_CONFLICT:exec_id' END AS reasons
FROM named
LEFT JOIN (SELECT operation_id, content_fp FROM settled WHERE outcome = 'passed') AS winners
    ON winners.operation_id = named.operation_id
LEFT JOIN there ON there.operation_id = named.operation_id
LEFT JOIN first_month ON first_month.identity = named.identity AND NOT named.by_content
UNION ALL
SELECT file_no, record_no, month, NULL, 'rejected', reasons
FROM doubtful
WHERE reasons <> ''
UNION ALL
SELECT settled.file_no, settled.record_no, doubtful.month, settled.operation_id, settled.outcome, settled.reasons
FROM settled
JOIN doubtful ON doubtful.file_no = settled.file_no AND doubtful.record_no = settled.record_no
