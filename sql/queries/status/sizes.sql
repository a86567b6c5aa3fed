-- How much room everything took when it was last measured, and a week and a month before that.
-- grain: one row per thing
-- columns: name, bytes, week_before, month_before (null: not measured that long ago), measured_at
WITH newest AS (
    SELECT max(measured_at) AS measured_at FROM sizes
)
SELECT CASE sizes.kind WHEN 'database' THEN 'database' ELSE sizes.name END AS name, sizes.bytes,
       (SELECT before.bytes FROM sizes AS before
        WHERE before.name = sizes.name AND before.measured_at <= newest.measured_at - interval '7 days'
        ORDER BY before.measured_at DESC LIMIT 1) AS week_before,
       (SELECT before.bytes FROM sizes AS before
        WHERE before.name = sizes.name AND before.measured_at <= newest.measured_at - interval '30 days'
        ORDER BY before.measured_at DESC LIMIT 1) AS month_before,
       sizes.measured_at
FROM sizes
JOIN newest ON newest.measured_at = sizes.measured_at
WHERE sizes.kind <> 'table'
ORDER BY sizes.bytes DESC
