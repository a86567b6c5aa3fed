-- An alert that lasts, as it was seen last.
-- grain: one row changed; no columns come back
-- parameters: alert_id, severity, message, now
UPDATE alerts
SET seen_at = %(now)s, severity = %(severity)s, message = %(message)s
WHERE alert_id = %(alert_id)s
