-- What readers see now: the generation, and how often the tasks that were asked for through the API have changed.
-- grain: one row
-- columns: generation, run_id (both null before the first publish), changes
SELECT newest.generation, newest.run_id, (SELECT changes FROM background_task_changes) AS changes
FROM (VALUES (1)) AS always (one)
LEFT JOIN (SELECT generation, run_id FROM generations ORDER BY generation DESC LIMIT 1) AS newest ON TRUE
