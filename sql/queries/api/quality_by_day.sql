-- How good a source's records are by the day on which their files arrived, newest day first, as of the current
-- generation because it is one statement: sums of counts over owners and tables, shares of these sums.
-- grain: one row per day, `size` at most; one row of nulls beside the generation when there is none
-- columns: generation, run_id, day (text), document (JSON text)
-- parameters: source, first_day, last_day, size; user_id (null: of all owners); after (day, null: the first page)
WITH newest AS (
    SELECT generation, run_id
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),
page AS (
    SELECT
        date, sum(files)::bigint AS files, sum(files_held)::bigint AS files_held, sum(records)::bigint AS records,
        sum(published)::bigint AS published, sum(rejected)::bigint AS rejected, sum(duplicate)::bigint AS duplicate,
        sum(superseded)::bigint AS superseded, sum(skipped)::bigint AS skipped, sum(held)::bigint AS held,
        sum(compared)::bigint AS compared, sum(inconsistent)::bigint AS inconsistent, sum(filled) AS filled,
        sum(places) AS places, sum(age_days) AS age_days, sum(dated) AS dated
    FROM marts.data_quality_daily
    WHERE source = %(source)s AND date BETWEEN %(first_day)s AND %(last_day)s
      AND (%(after)s::date IS NULL OR date < %(after)s)
      AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
    GROUP BY date
    ORDER BY date DESC
    LIMIT %(size)s
)
SELECT newest.generation, newest.run_id, page.date::text AS day,
       CASE WHEN page.date IS NOT NULL THEN
           json_build_object(
               'date', date,
               'files', files,
               'files_held', files_held,
               'records', records,
               'published', published,
               'rejected', rejected,
               'duplicate', duplicate,
               'superseded', superseded,
               'skipped', skipped,
               'held', held,
               'compared', compared,
               'inconsistent', inconsistent,
               'completeness', trim_scale(round(filled / nullif(places, 0), 6))::text,
               'validity', trim_scale(round(
                   (records - held - skipped - rejected)::numeric / nullif(records - held - skipped, 0), 6))::text,
               'uniqueness', trim_scale(round(
                   (published + superseded)::numeric / nullif(published + superseded + duplicate, 0), 6))::text,
               'consistency', trim_scale(round((compared - inconsistent)::numeric / nullif(compared, 0), 6))::text,
               'timeliness_days', trim_scale(round(age_days / nullif(dated, 0), 6))::text
           )::text
       END AS document
FROM newest
LEFT JOIN page ON TRUE
ORDER BY page.date DESC
