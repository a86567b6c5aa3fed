-- The uploads that tasks which have not ended still want.
-- grain: one row per user and upload
-- columns: user_id, upload_id
SELECT DISTINCT user_id, jsonb_array_elements_text(parameters -> 'uploads') AS upload_id
FROM background_tasks
WHERE status IN ('pending', 'running') AND parameters ? 'uploads'
ORDER BY user_id, upload_id
