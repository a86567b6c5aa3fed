-- A message that is due.
-- grain: one row in; no columns come back
-- parameters: alert_id, event, channel, now
INSERT INTO alert_deliveries (alert_id, event, channel, attempts, due_at)
VALUES (%(alert_id)s, %(event)s, %(channel)s, 0, %(now)s)
