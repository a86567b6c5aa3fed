-- What the dashboards of the newest generation are made of, by which those are found that are as they were before it.
-- grain: one row, or none before the first publish
-- columns: generation, run_id, published_at (as the documents say it), run_before (the run that made the generation
--          before), definition (of the mart daily_totals), months (partitions that there are), restored (whether
--          cleanup's months came back with this generation), users, digests (of their rows of the small marts, empty
--          where they have none), changed (whether this generation brought or took rows of theirs): arrays alike
-- Operations and daily_totals are too many to be looked at: what a publish does to them for whom is in `changes`.
WITH newest AS (
    SELECT generation, run_id, committed_at
    FROM generations
    ORDER BY generation DESC
    LIMIT 1
),

digests AS (
    SELECT user_id, encode(sha256(convert_to(string_agg(line, chr(10) ORDER BY line), 'UTF8')), 'hex') AS digest
    FROM (
        SELECT user_id, project_dashboard::text AS line FROM marts.project_dashboard
        UNION ALL
        SELECT user_id, milestones::text FROM marts.milestones
    ) AS lines
    GROUP BY user_id
),

readers AS (
    SELECT
        array_agg(users.user_id ORDER BY users.user_id) AS users,
        array_agg(coalesce(digests.digest, '') ORDER BY users.user_id) AS digests,
        array_agg(changed.user_id IS NOT NULL ORDER BY users.user_id) AS changed
    FROM users
    LEFT JOIN digests ON users.user_id = digests.user_id
    LEFT JOIN (
        SELECT DISTINCT changes.user_id
        FROM changes
        INNER JOIN newest ON changes.generation = newest.generation
    ) AS changed ON users.user_id = changed.user_id
)

SELECT
    newest.generation,
    newest.run_id,
    to_char(newest.committed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS published_at,
    (
        SELECT before.run_id
        FROM generations AS before
        WHERE before.generation = newest.generation - 1
    ) AS run_before,
    coalesce(obj_description(to_regclass('marts.daily_totals'), 'pg_class'), '') AS definition,
    ARRAY(
        SELECT inhrelid::regclass::text
        FROM pg_inherits
        WHERE inhparent = 'public.trading_operations'::regclass AND NOT inhdetachpending
    ) AS months,
    EXISTS (
        SELECT 1
        FROM cleanups
        WHERE restored_generation = newest.generation
    ) AS restored,
    coalesce(readers.users, '{}') AS users,
    coalesce(readers.digests, '{}') AS digests,
    coalesce(readers.changed, '{}') AS changed
FROM newest
CROSS JOIN readers
