-- How good the records of each source are: completeness, validity, uniqueness and timeliness, by the table they go to.
-- The counts are the ledger's: records = published + rejected + duplicate + superseded + skipped + held.
-- Shares have six places, halves rounded away from zero, and are null where there is nothing to share.
-- grain: one row per source and canonical table (`unknown` for files that are held)
-- key: source, table_name
-- refresh: full
-- column source: the contract's source
-- column table_name: the canonical table
-- column files: landed files, each owner's copy counted
-- column files_held: how many of them wait for a contract
-- column records: records that ever came in, those of files landed again among them
-- column published: records in the table now
-- column rejected: records in quarantine
-- column duplicate: records that were there already
-- column superseded: records that a newer version replaced
-- column skipped: records that move no money, by a rule of the contract
-- column held: records of files that wait for a contract
-- column completeness: share of the optional fields filled, over the table's rows now
-- column validity: share that broke no rule, of the records that were judged (neither held nor skipped)
-- column uniqueness: share that was not there already, of the records that broke no rule
-- column newest: the newest day that the rows tell of (operations: date; others: last change)
-- column last_arrival: when the last file landed
-- column lag_days: days from newest to last_arrival
WITH counts AS (
    SELECT
        source,
        table_name,
        CAST(coalesce(sum(records_in) FILTER (WHERE hop = 'read'), 0) AS BIGINT) AS records,
        -- What passes de-duplication is published whole or not at all: the marts are computed just before it is.
        CAST(
            coalesce(sum(passed) FILTER (WHERE hop = 'deduplicate'), 0)
            - coalesce(sum(records_in) FILTER (WHERE hop = 'supersede'), 0) AS BIGINT
        ) AS published,
        CAST(
            sum(rejected) - coalesce(sum(records_in) FILTER (WHERE hop = 'replay'), 0) AS BIGINT
        ) AS rejected,
        CAST(sum(duplicate) AS BIGINT) AS duplicate,
        CAST(sum(superseded) AS BIGINT) AS superseded,
        CAST(sum(skipped) AS BIGINT) AS skipped,
        CAST(sum(held) AS BIGINT) AS held
    FROM ledger
    GROUP BY source, table_name
),

arrivals AS (
    SELECT
        source,
        coalesce(table_name, 'unknown') AS table_name,
        count(*) AS files,
        count(*) FILTER (WHERE status = 'held') AS files_held,
        max(landed_at) AS last_arrival
    FROM files
    GROUP BY source, coalesce(table_name, 'unknown')
),

filled AS (
    SELECT
        source,
        table_name,
        CAST(sum(places) AS BIGINT) AS places,
        CAST(sum(filled_fields.filled) AS BIGINT) AS taken,
        max(newest) AS newest
    FROM filled_fields
    GROUP BY source, table_name
)

SELECT
    coalesce(counts.source, arrivals.source) AS source,
    coalesce(counts.table_name, arrivals.table_name) AS table_name,
    coalesce(arrivals.files, 0) AS files,
    coalesce(arrivals.files_held, 0) AS files_held,
    coalesce(counts.records, 0) AS records,
    coalesce(counts.published, 0) AS published,
    coalesce(counts.rejected, 0) AS rejected,
    coalesce(counts.duplicate, 0) AS duplicate,
    coalesce(counts.superseded, 0) AS superseded,
    coalesce(counts.skipped, 0) AS skipped,
    coalesce(counts.held, 0) AS held,
    ratio(filled.taken, filled.places) AS completeness,
    ratio(
        counts.records - counts.held - counts.skipped - counts.rejected,
        counts.records - counts.held - counts.skipped
    ) AS validity,
    ratio(
        counts.published + counts.superseded,
        counts.published + counts.superseded + counts.duplicate
    ) AS uniqueness,
    filled.newest,
    arrivals.last_arrival,
    date_diff('day', filled.newest, CAST(arrivals.last_arrival AS DATE)) AS lag_days
FROM counts
FULL JOIN arrivals ON counts.source = arrivals.source AND counts.table_name = arrivals.table_name
LEFT JOIN filled
    ON
        coalesce(counts.source, arrivals.source) = filled.source
        AND coalesce(counts.table_name, arrivals.table_name) = filled.table_name
