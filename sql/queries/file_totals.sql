-- What the rows of a table add up to by file, in a form that the lake's engine gives too; a partition or a build of one.
-- grain: one row per file
-- columns: file_id, rows, row_fp, amount, last_qty, last_px, commission, microseconds, days, record_no, octets
-- placeholder: {table} is the table's name, composed by the publisher (an identifier cannot be a parameter)
SELECT file_id,
       count(*) AS rows,
       coalesce(sum(row_fp), 0) AS row_fp,
       coalesce(sum(amount), 0) AS amount,
       coalesce(sum(last_qty), 0) AS last_qty,
       coalesce(sum(last_px), 0) AS last_px,
       coalesce(sum(commission), 0) AS commission,
       coalesce(sum((extract(epoch FROM transact_time) * 1000000)::bigint), 0) AS microseconds,
       coalesce(sum(date - DATE '1970-01-01'), 0) AS days,
       coalesce(sum(record_no), 0) AS record_no,
       coalesce(sum(octet_length(concat(user_id, account_id, exec_id, type, category, currency, side, symbol,
           security_id, last_px_currency, commission_currency, venue, milestone_id, description, source))), 0) AS octets
FROM {table}
GROUP BY file_id
