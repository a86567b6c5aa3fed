-- Alerts, open ones first, then the newest.
-- grain: one row per alert
-- columns: as the table alerts
-- parameters: open_only, limit
SELECT alert_id, kind, subject, severity, message, fired_at, seen_at, resolved_at
FROM alerts
WHERE NOT %(open_only)s OR resolved_at IS NULL
ORDER BY resolved_at IS NOT NULL, fired_at DESC, kind, subject
LIMIT %(limit)s
