-- How good the records of some sources are, by the day on which files arrived, over all owners: shares of sums of counts.
-- grain: one row per source and day, the newest first
-- columns: source, date, files, records, completeness, validity, uniqueness, consistency (shares; null: nothing to
--          share), timeliness (mean age of a row at arrival, in days), found (rows in all)
-- parameters: sources (array of text), limit
WITH sums AS (
    SELECT
        source, date, sum(files) AS files, sum(records) AS records, sum(filled) AS filled, sum(places) AS places,
        sum(records - held - skipped) AS judged, sum(rejected) AS rejected, sum(published + superseded) AS kept,
        sum(duplicate) AS duplicate, sum(compared) AS compared, sum(inconsistent) AS inconsistent,
        sum(age_days) AS age_days, sum(dated) AS dated
    FROM marts.data_quality_daily
    WHERE source = ANY (%(sources)s::text[])
    GROUP BY source, date
)

SELECT
    source, date, files::bigint AS files, records::bigint AS records,
    round(filled / nullif(places, 0), 6) AS completeness,
    round((judged - rejected) / nullif(judged, 0), 6) AS validity,
    round(kept / nullif(kept + duplicate, 0), 6) AS uniqueness,
    round((compared - inconsistent) / nullif(compared, 0), 6) AS consistency,
    round(age_days / nullif(dated, 0), 1) AS timeliness,
    count(*) OVER () AS found
FROM sums
ORDER BY date DESC, source
LIMIT %(limit)s
