-- The ledger's lines behind the cells of marts.data_quality, which are of all users' records.
-- grain: one row per ledger line
-- columns: row_date (the same for all), row_id, contribution (to the cell of that column; null: none), user_id, source,
--     file_id, record_no (null)
-- parameters: column, source, table_name (null: any)
-- sum records: records that came in
-- sum published: records that passed de-duplication, and with a minus those that a later run took back
-- sum rejected: records rejected
-- sum duplicate: records that were there already
-- sum superseded: records that a newer version replaced
-- sum skipped: records that move no money
-- sum held: records of files that wait
-- derived completeness from: the share of the optional fields filled, over the rows of the table itself
-- derived validity from records, held, skipped, rejected: share without a broken rule of the records that were judged
-- derived uniqueness from published, superseded, duplicate: share that was not there already
-- derived newest from: the newest day that the rows of the table itself tell of
-- derived lag_days from newest, last_arrival: days from newest to last_arrival
SELECT
    DATE '1970-01-01' AS row_date,
    concat_ws(' ', run_id, to_char(file_no, 'SG000000'), hop, partition) AS row_id,
    nullif(CASE %(column)s::text
        WHEN 'records' THEN CASE WHEN hop = 'read' THEN records_in END
        WHEN 'published' THEN CASE hop WHEN 'deduplicate' THEN passed WHEN 'supersede' THEN -records_in END
        WHEN 'rejected' THEN rejected
        WHEN 'duplicate' THEN duplicate
        WHEN 'superseded' THEN superseded
        WHEN 'skipped' THEN skipped
        WHEN 'held' THEN held
    END, 0) AS contribution,
    user_id,
    source,
    file_id,
    NULL::bigint AS record_no
FROM ledger
WHERE
    (%(source)s::text IS NULL OR source = %(source)s::text)
    AND (%(table_name)s::text IS NULL OR table_name = %(table_name)s::text)
