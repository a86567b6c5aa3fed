-- How many messages nobody took yet.
-- grain: one row
-- columns: messages
SELECT count(*) AS messages FROM alert_deliveries WHERE sent_at IS NULL
