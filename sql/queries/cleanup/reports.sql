-- Reports that were written long ago and whose files are there, with the holds that are about users told of in them.
-- grain: one row per report, the oldest first
-- columns: path, size, holds (JSON array of [hold_id, reason])
-- parameters: before (instant); path (null: any)
SELECT
    path,
    size,
    coalesce(
        (
            SELECT json_agg(json_build_array(hold_id, reason) ORDER BY hold_id)
            FROM holds
            WHERE
                holds.removed_at IS NULL
                AND (
                    holds.user_id IS NULL
                    OR holds.user_id = reports.user_id
                    OR reports.role IS NOT NULL
                )
        ),
        '[]'
    ) AS holds
FROM reports
WHERE created_at < %(before)s AND removed_at IS NULL AND (%(path)s::text IS NULL OR path = %(path)s)
ORDER BY created_at, path
