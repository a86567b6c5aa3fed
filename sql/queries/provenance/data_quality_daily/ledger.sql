-- The ledger's lines behind the cells of marts.data_quality_daily: those of the files that first arrived on the day.
-- grain: one row per ledger line
-- columns: row_date (the same for all), row_id, contribution (to the cell of that column; null: none), user_id, source,
--     file_id, record_no (null)
-- parameters: column, user_id, source, table_name, date (null: any)
-- sum records: records that came in
-- sum published: records that passed de-duplication, and with a minus those that a later run took back
-- sum rejected: records rejected, and with a minus those that were replayed
-- sum duplicate: records that were there already
-- sum superseded: records that a newer version replaced
-- sum skipped: records that move no money
-- sum held: records of files that wait
-- sum compared: records that came to de-duplication
-- sum inconsistent: records that de-duplication rejected
-- derived table_rows from: the rows of the table itself that came in these files
-- derived places from: the optional fields of these rows
-- derived filled from: how many of these fields are not null
-- derived dated from: how many of these rows tell of a day
-- derived age_days from: days from each of these days to the arrival, added up
-- derived completeness from filled, places: filled of places
-- derived validity from records, held, skipped, rejected: share without a broken rule of the records that were judged
-- derived uniqueness from published, superseded, duplicate: share that was not there already
-- derived consistency from compared, inconsistent: share of the compared records that contradicted nothing
-- derived timeliness from age_days, dated: days from a row's day to its arrival, on average
SELECT
    DATE '1970-01-01' AS row_date,
    concat_ws(' ', run_id, to_char(file_no, 'SG000000'), hop, partition) AS row_id,
    nullif(CASE %(column)s::text
        WHEN 'records' THEN CASE WHEN hop = 'read' THEN records_in END
        WHEN 'published' THEN CASE hop WHEN 'deduplicate' THEN passed WHEN 'supersede' THEN -records_in END
        WHEN 'rejected' THEN rejected - CASE WHEN hop = 'replay' THEN records_in ELSE 0 END
        WHEN 'duplicate' THEN duplicate
        WHEN 'superseded' THEN superseded
        WHEN 'skipped' THEN skipped
        WHEN 'held' THEN held
        WHEN 'compared' THEN CASE WHEN hop = 'deduplicate' THEN records_in END
        WHEN 'inconsistent' THEN CASE WHEN hop = 'deduplicate' THEN rejected END
    END, 0) AS contribution,
    user_id,
    source,
    ledger.file_id,
    NULL::bigint AS record_no
FROM ledger
JOIN (
    SELECT file_id, (min(landed_at) AT TIME ZONE 'UTC')::date AS date
    FROM files
    GROUP BY file_id
) AS arrivals ON ledger.file_id = arrivals.file_id
WHERE
    user_id = %(user_id)s::text
    AND (%(source)s::text IS NULL OR source = %(source)s::text)
    AND (%(table_name)s::text IS NULL OR table_name = %(table_name)s::text)
    AND (%(date)s::date IS NULL OR arrivals.date = %(date)s::date)
