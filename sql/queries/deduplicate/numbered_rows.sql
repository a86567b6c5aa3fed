-- Which rows snapshot files show, by the operation that each is: the n-th equal record of a file has an id of its own.
-- grain: one row per staged operation of these files
-- columns: file_no, record_no, row_id, content_fp
-- views: snapshot_rows (file_no, record_no, identity, by_content, content_fp)
WITH numbered AS (
    SELECT *, row_number() OVER (PARTITION BY file_no, identity ORDER BY record_no) AS nth FROM snapshot_rows
)
SELECT file_no, record_no, content_fp,
       CASE WHEN nth = 1 OR NOT by_content THEN identity
            ELSE unhex(substr(sha256(lower(hex(identity)) || ':' || nth), 1, 32)) END AS row_id
FROM numbered
ORDER BY file_no, record_no
