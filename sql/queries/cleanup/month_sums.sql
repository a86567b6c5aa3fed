-- A month of operations as the partition holds it, and as the mart of daily totals adds it up.
-- grain: one row
-- columns: records, fp, amount, mart_records, mart_amount
-- parameters: first, after (days), month (YYYY-MM)
SELECT operations.records, operations.fp, operations.amount, mart.records AS mart_records, mart.amount AS mart_amount
FROM (
    SELECT count(*) AS records, coalesce(sum(row_fp), 0) AS fp, coalesce(sum(amount), 0) AS amount
    FROM trading_operations
    WHERE date >= %(first)s AND date < %(after)s
) AS operations
CROSS JOIN (
    SELECT coalesce(sum(operations), 0)::bigint AS records, coalesce(sum(amount), 0) AS amount
    FROM marts.daily_totals
    WHERE month = %(month)s
) AS mart
