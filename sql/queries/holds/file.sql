-- The kept files of a name, or whose SHA-256 begins so.
-- grain: one row per content
-- columns: file_id, name, sha256
-- parameters: name, start (hex digits, at least six; else something that no hash begins with)
SELECT file_id, min(name) AS name, min(sha256) AS sha256
FROM files
WHERE name = %(name)s OR landed_as = %(name)s OR sha256 LIKE %(start)s || '%%'
GROUP BY file_id
ORDER BY 2, 3
