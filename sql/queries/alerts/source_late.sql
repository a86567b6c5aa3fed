-- Sources that are late against their own rhythm: at least five days on which something came, and none since for longer
-- than the longest of the last twenty pauses and twice the usual one, whichever is more, plus half a usual one.
-- grain: one row per late source
-- columns: source, last_day, usual_days (median pause), longest_days
-- parameters: now
WITH days AS (
    SELECT DISTINCT source, (landed_at AT TIME ZONE 'UTC')::date AS day
    FROM files
    WHERE source <> 'unknown' AND status = 'published' AND landed_at <= %(now)s
),

pauses AS (
    SELECT source, day, day - lag(day) OVER (PARTITION BY source ORDER BY day) AS pause,
           row_number() OVER (PARTITION BY source ORDER BY day DESC) AS back
    FROM days
),

rhythm AS (
    SELECT source, max(day) AS last_day, count(pause) AS pauses, max(pause) AS longest_days,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY pause) AS usual_days
    FROM pauses
    WHERE back <= 21
    GROUP BY source
)

SELECT source, last_day, usual_days, longest_days
FROM rhythm
WHERE pauses >= 4
  AND %(now)s > (last_day + 1)::timestamp AT TIME ZONE 'UTC'
      + (greatest(longest_days, 2 * usual_days) - 1) * interval '1 day' + usual_days * interval '12 hours'
ORDER BY source
