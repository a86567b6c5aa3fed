-- Raw texts of records that left quarantine long ago and are under no hold; the kept files have them still.
-- grain: one row
-- columns: generation (the last one whose leavers may go; null: none), records, bytes, verified (whether all was found right
--     since, and nothing wrong after that)
-- parameters: before (instant)
WITH last AS (
    SELECT max(generation) AS generation
    FROM generations
    WHERE committed_at < %(before)s
)
SELECT
    last.generation,
    count(quarantine.raw) AS records,
    coalesce(sum(octet_length(quarantine.raw)), 0)::bigint AS bytes,
    coalesce(max(quarantine.resolved_generation), 0) <= coalesce(
        (
            SELECT max(generation)
            FROM verifications
            WHERE scope = 'everything' AND differences = 0
              AND verified_at > ALL (SELECT wrong.verified_at FROM verifications AS wrong WHERE wrong.differences > 0)
        ), 0
    ) AS verified
FROM last
LEFT JOIN quarantine
    ON quarantine.resolved_generation <= last.generation
    AND quarantine.raw <> ''
    AND NOT EXISTS (
        SELECT 1
        FROM holds
        WHERE removed_at IS NULL
          AND (holds.user_id IS NULL OR holds.user_id = quarantine.user_id)
          AND (holds.source IS NULL OR holds.source = quarantine.source)
          AND (holds.file_id IS NULL OR holds.file_id = quarantine.file_id)
    )
GROUP BY last.generation
