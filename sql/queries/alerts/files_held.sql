-- Held files by the user that they were landed for.
-- grain: one row per user
-- columns: user_id, files, name and reason of the last one
SELECT user_id, count(*) AS files, (array_agg(name ORDER BY landed_at DESC, name))[1] AS name,
       (array_agg(reason ORDER BY landed_at DESC, name))[1] AS reason
FROM files
WHERE status = 'held'
GROUP BY user_id
ORDER BY user_id
