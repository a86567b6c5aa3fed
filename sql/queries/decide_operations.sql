-- Which staged operations are new, which are there already, and which contradict what is there.
-- grain: one row per staged operation
-- columns: file_no, record_no, operation_id, outcome (passed, duplicate, rejected), reasons (CODE:field joined by ;)
-- views: staged, checked (checked_operations), settled (decided before), taken (published, to be taken back), published
-- (same months), elsewhere (other months), first_month
--
-- Identity by the source's own id names one operation. Identity by content names as many as one file shows of it: the
-- n-th occurrence within a file has an id of its own, so overlapping files meet and identical fills all survive.
WITH good AS (
    SELECT * FROM checked WHERE reasons = ''
),
repeated AS (
    SELECT identity FROM good GROUP BY identity HAVING count(*) > 1
),
numbered AS (
    SELECT good.*,
           CASE WHEN by_content
                THEN row_number() OVER (PARTITION BY good.identity, file_no ORDER BY record_no)
                ELSE 1 END AS nth
    FROM good
    SEMI JOIN repeated ON repeated.identity = good.identity
),
placed AS (
    SELECT *,
           row_number() OVER (PARTITION BY identity, nth ORDER BY file_no, record_no) AS place,
           first_value(content_fp) OVER (PARTITION BY identity, nth ORDER BY file_no, record_no) AS first_fp
    FROM numbered
    ANTI JOIN settled ON settled.file_no = numbered.file_no AND settled.record_no = numbered.record_no
),
named AS (
    SELECT file_no, record_no, month, by_content, content_fp, place, first_fp, identity,
           CASE WHEN nth = 1 THEN identity
                ELSE unhex(substr(sha256(lower(hex(identity)) || ':' || nth), 1, 32)) END AS operation_id
    FROM placed
    UNION ALL
    SELECT file_no, record_no, month, by_content, content_fp, 1, content_fp, good.identity, good.identity
    FROM good
    ANTI JOIN repeated ON repeated.identity = good.identity
    ANTI JOIN settled ON settled.file_no = good.file_no AND settled.record_no = good.record_no
)
SELECT named.file_no, named.record_no, named.operation_id,
       CASE WHEN winners.operation_id IS NOT NULL AND winners.content_fp = named.content_fp THEN 'duplicate'
            WHEN winners.operation_id IS NOT NULL THEN 'rejected'
            WHEN published.operation_id IS NOT NULL AND published.content_fp = named.content_fp THEN 'duplicate'
            WHEN published.operation_id IS NOT NULL THEN 'rejected'
            WHEN elsewhere.operation_id IS NOT NULL THEN 'rejected'
            WHEN first_month.identity IS NOT NULL AND first_month.month <> named.month THEN 'rejected'
            WHEN named.place = 1 THEN 'passed'
            WHEN named.first_fp = named.content_fp THEN 'duplicate'
            ELSE 'rejected' END AS outcome,
       CASE WHEN outcome = 'rejected' THEN 'ID_CONFLICT:exec_id' END AS reasons
FROM named
LEFT JOIN (SELECT operation_id, content_fp FROM settled WHERE outcome = 'passed') AS winners
    ON winners.operation_id = named.operation_id
LEFT JOIN (SELECT operation_id, content_fp FROM published ANTI JOIN taken USING (operation_id)) AS published
    ON published.operation_id = named.operation_id
LEFT JOIN (SELECT operation_id FROM elsewhere ANTI JOIN taken USING (operation_id)) AS elsewhere
    ON elsewhere.operation_id = named.operation_id AND NOT named.by_content
LEFT JOIN first_month ON first_month.identity = named.identity AND NOT named.by_content
UNION ALL
SELECT file_no, record_no, NULL, 'rejected', reasons
FROM checked
WHERE reasons <> ''
UNION ALL
SELECT settled.file_no, settled.record_no, settled.operation_id, settled.outcome, settled.reasons
FROM settled
SEMI JOIN staged ON staged.file_no = settled.file_no AND staged.record_no = settled.record_no
