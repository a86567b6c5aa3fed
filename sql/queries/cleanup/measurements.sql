-- Rows of what is measured and noted regularly that are older than a day.
-- grain: one row per table
-- columns: name, records
-- parameters: before
SELECT 'sizes' AS name, count(*) AS records FROM sizes WHERE measured_at < %(before)s
UNION ALL
SELECT 'verifications', count(*) FROM verifications
WHERE verified_at < %(before)s AND verified_at < (SELECT max(verified_at) FROM verifications WHERE scope = 'everything')
UNION ALL
SELECT 'duties', count(*) FROM duties WHERE done_at < %(before)s
