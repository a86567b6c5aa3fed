-- What the rows of a table add up to by file, in a form that the lake's engine gives too; a partition or a build of one.
-- grain: one row per file
-- columns: file_id, rows, then the sums of row_fp, amount, last_qty, last_px, commission, transact_time (seconds since
-- 1970), date (days since 1970), record_no, and of the octets of each text column
-- placeholder: {table} is the table's name, composed by the publisher (an identifier cannot be a parameter)
SELECT file_id,
       count(*) AS rows,
       coalesce(sum(row_fp), 0) AS row_fp,
       coalesce(sum(amount), 0) AS amount,
       coalesce(sum(last_qty), 0) AS last_qty,
       coalesce(sum(last_px), 0) AS last_px,
       coalesce(sum(commission), 0) AS commission,
       coalesce(sum(extract(epoch FROM transact_time)), 0) AS seconds,
       coalesce(sum(date - DATE '1970-01-01'), 0) AS days,
       coalesce(sum(record_no), 0) AS record_no,
       -- One sum each: together they would cost a concatenation of each row.
       coalesce(sum(octet_length(user_id)), 0),
       coalesce(sum(octet_length(account_id)), 0),
       coalesce(sum(octet_length(exec_id)), 0),
       coalesce(sum(octet_length(type)), 0),
       coalesce(sum(octet_length(category)), 0),
       coalesce(sum(octet_length(currency)), 0),
       coalesce(sum(octet_length(side)), 0),
       coalesce(sum(octet_length(symbol)), 0),
       coalesce(sum(octet_length(security_id)), 0),
       coalesce(sum(octet_length(last_px_currency)), 0),
       coalesce(sum(octet_length(commission_currency)), 0),
       coalesce(sum(octet_length(venue)), 0),
       coalesce(sum(octet_length(milestone_id)), 0),
       coalesce(sum(octet_length(description)), 0),
       coalesce(sum(octet_length(source)), 0)
FROM {table}
GROUP BY file_id
