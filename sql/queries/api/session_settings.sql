-- What a connection of the API is set to, and who set it (client: the connection itself, as it was opened).
-- grain: one row per setting
-- columns: name, setting (text), source
SELECT name, setting, source
FROM pg_settings
WHERE name IN (
    'DateStyle', 'default_transaction_isolation', 'default_transaction_read_only', 'statement_timeout', 'TimeZone'
)
