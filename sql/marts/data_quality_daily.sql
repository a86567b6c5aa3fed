-- How good the records of each source are, by the day on which their files arrived: completeness, validity, uniqueness,
-- consistency and timeliness over time, after the dimensions of DAMA and ISO/IEC 25012. A day tells what became, to this
-- day, of the records of the files that first arrived on it: a replay that mends them mends their day, and records of a
-- file that is landed again count as duplicates of its first day. Counts add up over users, sources and days; shares
-- are had from sums of counts, never by adding shares. Six places, halves rounded away from zero, null where there is
-- nothing to share.
-- grain: one row per owner, source, canonical table (`unknown` for files that are held) and day
-- key: source, date, table_name, user_id
-- refresh: full
-- column user_id: whom the files were landed for; rows of a file that was landed for several stand with the first by name
-- column source: the contract's source
-- column table_name: the canonical table
-- column date: the day, in UTC, on which the files first arrived
-- column files: files that arrived, each owner's copy counted
-- column files_held: how many of them wait for a contract
-- column records: records in them, those of their landing again among them
-- column published: records in the table now
-- column rejected: records in quarantine
-- column duplicate: records that were there already
-- column superseded: records that a newer version replaced
-- column skipped: records that move no money, by a rule of the contract
-- column held: records of files that wait for a contract
-- column compared: records that were compared with what is known: ids, users, projects, milestones
-- column inconsistent: records of these that contradicted it (another content under an id, an unknown reference)
-- column table_rows: rows of the table now that came in these files
-- column places: optional fields of these rows
-- column filled: how many of these fields are not null
-- column dated: rows of these that tell of a day (operations: date; others: last change)
-- column age_days: days from each of these days to the arrival, added up
-- column completeness: filled / places
-- column validity: share that broke no rule, of the records that were judged (neither held nor skipped)
-- column uniqueness: share that was not there already, of the records that broke no rule
-- column consistency: share of the compared records that contradicted nothing
-- column timeliness: how old a row was when it arrived, on average, in days: age_days / dated
WITH arrivals AS (
    SELECT file_id, CAST(min(landed_at) AS DATE) AS date
    FROM files
    GROUP BY file_id
),

owners AS (
    SELECT file_id, source, min(user_id) AS user_id
    FROM files
    GROUP BY file_id, source
),

parts AS (
    SELECT
        ledger.user_id,
        ledger.source,
        ledger.table_name,
        arrivals.date,
        0 AS files,
        0 AS files_held,
        CASE WHEN hop = 'read' THEN records_in ELSE 0 END AS records,
        -- What passes de-duplication is published whole or not at all: the marts are computed just before it is.
        CASE hop WHEN 'deduplicate' THEN passed WHEN 'supersede' THEN -records_in ELSE 0 END AS published,
        rejected - CASE WHEN hop = 'replay' THEN records_in ELSE 0 END AS rejected,
        duplicate,
        superseded,
        skipped,
        held,
        CASE WHEN hop = 'deduplicate' THEN records_in ELSE 0 END AS compared,
        CASE WHEN hop = 'deduplicate' THEN rejected ELSE 0 END AS inconsistent,
        0 AS table_rows,
        0 AS places,
        0 AS filled,
        0 AS dated,
        0 AS age_days
    FROM ledger
    INNER JOIN arrivals ON ledger.file_id = arrivals.file_id
    UNION ALL
    SELECT
        files.user_id, files.source, coalesce(files.table_name, 'unknown'), arrivals.date, 1,
        CASE WHEN files.status = 'held' THEN 1 ELSE 0 END, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM files
    INNER JOIN arrivals ON files.file_id = arrivals.file_id
    UNION ALL
    SELECT
        owners.user_id, filled_fields.source, filled_fields.table_name, arrivals.date, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        table_rows, places, filled, dated, dated * date_diff('day', DATE '1970-01-01', arrivals.date) - days
    FROM filled_fields
    INNER JOIN arrivals ON filled_fields.file_id = arrivals.file_id
    INNER JOIN owners ON filled_fields.file_id = owners.file_id AND filled_fields.source = owners.source
),

sums AS (
    SELECT
        user_id,
        source,
        table_name,
        date,
        CAST(sum(files) AS BIGINT) AS files,
        CAST(sum(files_held) AS BIGINT) AS files_held,
        CAST(sum(records) AS BIGINT) AS records,
        CAST(sum(published) AS BIGINT) AS published,
        CAST(sum(rejected) AS BIGINT) AS rejected,
        CAST(sum(duplicate) AS BIGINT) AS duplicate,
        CAST(sum(superseded) AS BIGINT) AS superseded,
        CAST(sum(skipped) AS BIGINT) AS skipped,
        CAST(sum(held) AS BIGINT) AS held,
        CAST(sum(compared) AS BIGINT) AS compared,
        CAST(sum(inconsistent) AS BIGINT) AS inconsistent,
        CAST(sum(table_rows) AS BIGINT) AS table_rows,
        CAST(sum(places) AS BIGINT) AS places,
        CAST(sum(filled) AS BIGINT) AS filled,
        CAST(sum(dated) AS BIGINT) AS dated,
        CAST(sum(age_days) AS BIGINT) AS age_days
    FROM parts
    GROUP BY user_id, source, table_name, date
)

SELECT
    *,
    ratio(filled, places) AS completeness,
    ratio(records - held - skipped - rejected, records - held - skipped) AS validity,
    ratio(published + superseded, published + superseded + duplicate) AS uniqueness,
    ratio(compared - inconsistent, compared) AS consistency,
    ratio(age_days, dated) AS timeliness
FROM sums
