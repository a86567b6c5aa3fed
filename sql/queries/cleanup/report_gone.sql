-- The file of a report is gone.
-- parameters: path
UPDATE reports SET removed_at = clock_timestamp()
WHERE path = %(path)s
