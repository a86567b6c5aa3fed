-- Months that cleanup had taken out of Postgres are back.
-- parameters: months (text[]), generation
UPDATE cleanups SET restored_generation = %(generation)s
WHERE kind = 'operations' AND item = ANY (%(months)s::text[]) AND restored_generation IS NULL
