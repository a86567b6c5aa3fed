-- The next message that is due, locked; one that somebody else is sending is passed over.
-- grain: one row, or none
-- columns: alert_id, event, channel, and of the alert kind, subject, severity, message, fired_at, resolved_at
-- parameters: now
SELECT alert_id, event, channel, kind, subject, severity, message, fired_at, resolved_at
FROM alert_deliveries
JOIN alerts USING (alert_id)
WHERE sent_at IS NULL AND due_at <= %(now)s
ORDER BY due_at, fired_at, event, channel
LIMIT 1
FOR UPDATE OF alert_deliveries SKIP LOCKED
