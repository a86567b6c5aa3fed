-- Which staged operations are new, which are there already, and which contradict what is there.
-- grain: one row per staged operation
-- columns: file_no, record_no, operation_id, outcome (passed, duplicate, rejected), reasons (CODE:field joined by ;)
-- views: staged, landings, known_users, known_milestones, published (same months), elsewhere (other months), first_month
--
-- Identity by the source's own id names one operation. Identity by content names as many as one file shows of it: the
-- n-th occurrence within a file has an id of its own, so overlapping files meet and identical fills all survive.
WITH checked AS (
    SELECT staged.file_no, staged.record_no, staged.month, staged.identity, staged.by_content, staged.content_fp,
           concat_ws(';',
               CASE WHEN staged.milestone_id IS NOT NULL AND known_milestones.milestone_id IS NULL
                    THEN 'UNKNOWN_MILESTONE:milestone_id' END,
               CASE WHEN known_users.user_id IS NULL AND NOT landings.implied_parents
                         AND staged.user_id <> landings.owner
                    THEN 'UNKNOWN_USER:user_id' END) AS reasons
    FROM staged
    JOIN landings ON landings.file_no = staged.file_no
    LEFT JOIN known_milestones ON known_milestones.milestone_id = staged.milestone_id
    LEFT JOIN known_users ON known_users.user_id = staged.user_id
),
good AS (
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
)
SELECT named.file_no, named.record_no, named.operation_id,
       CASE WHEN published.operation_id IS NOT NULL AND published.content_fp = named.content_fp THEN 'duplicate'
            WHEN published.operation_id IS NOT NULL THEN 'rejected'
            WHEN elsewhere.operation_id IS NOT NULL THEN 'rejected'
            WHEN first_month.identity IS NOT NULL AND first_month.month <> named.month THEN 'rejected'
            WHEN named.place = 1 THEN 'passed'
            WHEN named.first_fp = named.content_fp THEN 'duplicate'
            ELSE 'rejected' END AS outcome,
       CASE WHEN outcome = 'rejected' THEN 'ID_CONFLICT:exec_id' END AS reasons
FROM named
LEFT JOIN published ON published.operation_id = named.operation_id
LEFT JOIN elsewhere ON elsewhere.operation_id = named.operation_id AND NOT named.by_content
LEFT JOIN first_month ON first_month.identity = named.identity AND NOT named.by_content
UNION ALL
SELECT file_no, record_no, NULL, 'rejected', reasons
FROM checked
WHERE reasons <> ''
