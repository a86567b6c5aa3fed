-- How many alerts are open.
-- grain: one row
-- columns: alerts
SELECT count(*) AS alerts FROM alerts WHERE resolved_at IS NULL
