-- An operation in the middle of what a user has, to ask `nexus bench db`'s questions of.
-- grain: one row, or none when the user has no operation from that day on
-- columns: user_id, operation_id, date, time, amount, symbol, project_id, milestone_id
-- parameters: number (of the user), from_day
SELECT
    user_id, operation_id, date, transact_time AS time, amount, symbol,
    'p' || 2 * %(number)s::bigint AS project_id, 'm' || 10 * %(number)s::bigint AS milestone_id
FROM trading_operations
WHERE user_id = 'u' || %(number)s::bigint AND date >= %(from_day)s
ORDER BY date
LIMIT 1
