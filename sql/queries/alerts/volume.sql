-- The last file of a source's dataset, where its records are many times more or fewer than the median of at least five
-- and at most twenty files before it.
-- grain: one row per dataset whose last file stands out
-- columns: source, dataset, name, records, files (before it), usual (their median)
-- parameters: times
WITH landed AS (
    SELECT source, dataset, name, records,
           row_number() OVER (PARTITION BY source, dataset ORDER BY landed_at DESC, generation DESC, file_id) AS back
    FROM files
    WHERE status = 'published'
),

usual AS (
    SELECT source, dataset, count(*) AS files,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY records) AS usual
    FROM landed
    WHERE back BETWEEN 2 AND 21
    GROUP BY source, dataset
)

SELECT source, dataset, name, records, files, usual
FROM landed
JOIN usual USING (source, dataset)
WHERE back = 1 AND files >= 5
  AND (records > usual * %(times)s::numeric OR records * %(times)s::numeric < usual)
ORDER BY source, dataset
