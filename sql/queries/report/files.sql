-- The files behind a report: those that were landed for these users, or that hold operations of theirs in the period;
-- with what became of all their records, whosever they are.
-- grain: one row per file, source and owner
-- columns: source, sha256, name, owner, status, landed_at, arrived (whether in the period), shared (whether it was landed
--          for others, or for nobody), operations (of these users in the period), newest (day of these), records,
--          published, rejected, duplicate, superseded, skipped, held
-- parameters: user_ids (array of text), first_day, last_day
WITH theirs AS (
    SELECT source, file_id, count(*) AS operations, max(date) AS newest
    FROM trading_operations
    WHERE user_id = ANY (%(user_ids)s::text[]) AND date BETWEEN %(first_day)s AND %(last_day)s
    GROUP BY source, file_id
)

SELECT
    files.source,
    files.sha256,
    files.name,
    files.user_id AS owner,
    files.status,
    files.landed_at,
    (files.landed_at AT TIME ZONE 'UTC')::date BETWEEN %(first_day)s AND %(last_day)s AS arrived,
    files.user_id <> ALL (%(user_ids)s::text[]) AS shared,
    coalesce(theirs.operations, 0)::bigint AS operations,
    theirs.newest,
    coalesce(counts.records, 0)::bigint AS records,
    coalesce(counts.published, 0)::bigint AS published,
    coalesce(counts.rejected, 0)::bigint AS rejected,
    coalesce(counts.duplicate, 0)::bigint AS duplicate,
    coalesce(counts.superseded, 0)::bigint AS superseded,
    coalesce(counts.skipped, 0)::bigint AS skipped,
    coalesce(counts.held, 0)::bigint AS held
FROM files
LEFT JOIN theirs ON files.file_id = theirs.file_id AND files.source = theirs.source
LEFT JOIN LATERAL (
    SELECT
        sum(records_in) FILTER (WHERE hop = 'read') AS records,
        sum(CASE hop WHEN 'publish' THEN passed WHEN 'supersede' THEN -records_in ELSE 0 END) AS published,
        sum(rejected - CASE hop WHEN 'replay' THEN records_in ELSE 0 END) AS rejected,
        sum(duplicate) AS duplicate,
        sum(superseded) AS superseded,
        sum(skipped) AS skipped,
        sum(held) AS held
    FROM ledger
    WHERE ledger.file_id = files.file_id AND ledger.source = files.source AND ledger.user_id = files.user_id
) AS counts ON TRUE
WHERE files.user_id = ANY (%(user_ids)s::text[]) OR theirs.file_id IS NOT NULL
ORDER BY files.source, files.landed_at, files.sha256, files.user_id
