-- One operation that is published now, by its id alone. The key begins with the date, so that every day of every
-- partition is looked up in the partition's own key: as many look-ups as there are days, and no index more.
-- grain: one row or none
-- columns: those of trading_operations
-- parameters: operation_id (uuid), user_id (whose it must be; null: anybody's)
SELECT operation.*
FROM pg_inherits
JOIN pg_class ON pg_class.oid = pg_inherits.inhrelid
CROSS JOIN generate_series(0, 30) AS place
CROSS JOIN LATERAL (
    SELECT *
    FROM trading_operations
    WHERE
        trading_operations.date = to_date(right(pg_class.relname, 7), 'YYYY_MM') + place
        AND trading_operations.operation_id = %(operation_id)s
    LIMIT 1
) AS operation
WHERE
    pg_inherits.inhparent = 'trading_operations'::regclass
    AND (%(user_id)s::text IS NULL OR operation.user_id = %(user_id)s::text)
LIMIT 1
