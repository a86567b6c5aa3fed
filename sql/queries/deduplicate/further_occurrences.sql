-- Operations known by their content that a file shows again: the n-th occurrence within a file has an id of its own, so
-- that overlapping files meet and identical fills all survive.
-- grain: one row per staged operation that is not its file's first of that content
-- columns: file_no, record_no, operation_id
-- views: checked (checked_operations), repeated (repeated_identities)
WITH numbered AS (
    SELECT file_no, record_no, identity,
           row_number() OVER (PARTITION BY identity, file_no ORDER BY record_no) AS nth
    FROM checked
    SEMI JOIN repeated ON repeated.hashed = hash(checked.identity)
    WHERE by_content AND reasons = ''
)
SELECT file_no, record_no, unhex(substr(sha256(lower(hex(identity)) || ':' || nth), 1, 32)) AS operation_id
FROM numbered
WHERE nth > 1
