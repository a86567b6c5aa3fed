-- What came of a try: sent, or why not, and then when to try again (1, 2, 4, ... minutes, a day at most).
-- grain: one row changed; no columns come back
-- parameters: alert_id, event, channel, error (null: taken), now
UPDATE alert_deliveries
SET attempts = attempts + 1,
    error = %(error)s,
    sent_at = CASE WHEN %(error)s::text IS NULL THEN %(now)s::timestamptz END,
    due_at = %(now)s::timestamptz + least(interval '1 day', interval '1 minute' * (1 << least(attempts, 11)::integer))
WHERE alert_id = %(alert_id)s AND event = %(event)s AND channel = %(channel)s
