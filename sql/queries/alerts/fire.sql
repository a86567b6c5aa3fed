-- A new alert.
-- grain: one row in; no columns come back
-- parameters: alert_id, kind, subject, severity, message, fired_at
INSERT INTO alerts (alert_id, kind, subject, severity, message, fired_at, seen_at)
VALUES (%(alert_id)s, %(kind)s, %(subject)s, %(severity)s, %(message)s, %(fired_at)s, %(fired_at)s)
