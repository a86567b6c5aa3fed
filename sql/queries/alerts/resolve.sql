-- An alert that is over.
-- grain: one row changed; no columns come back
-- parameters: alert_id, now
UPDATE alerts
SET resolved_at = %(now)s
WHERE alert_id = %(alert_id)s
