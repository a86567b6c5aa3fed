-- How good the records of a source are, as of the current generation because it is one statement.
-- grain: one row; document is null when there has never been a record of that source
-- columns: generation, run_id, document (JSON text)
-- parameters: source
WITH newest AS (
    SELECT generation, run_id
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),
measured AS (
    SELECT
        json_agg(
            json_build_object(
                'table_name', table_name,
                'files', files,
                'files_held', files_held,
                'records', records,
                'published', published,
                'rejected', rejected,
                'duplicate', duplicate,
                'superseded', superseded,
                'skipped', skipped,
                'held', held,
                'completeness', trim_scale(completeness)::text,
                'validity', trim_scale(validity)::text,
                'uniqueness', trim_scale(uniqueness)::text,
                'newest', newest,
                'last_arrival', to_char(last_arrival AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'lag_days', lag_days
            ) ORDER BY table_name
        ) AS tables
    FROM marts.data_quality
    WHERE source = %(source)s
)
SELECT newest.generation, newest.run_id,
       CASE WHEN measured.tables IS NOT NULL THEN
           json_build_object(
               'source', %(source)s::text, 'generation', newest.generation, 'tables', measured.tables
           )::text
       END AS document
FROM newest
CROSS JOIN measured
