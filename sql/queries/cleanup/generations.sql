-- Generations of long ago that nothing names.
-- grain: one row
-- columns: generation (the last one of them; null: none), generations (how many)
-- parameters: before (instant), kept (so many of the newest stay, however old); of_nothing: the statement generations_of_nothing
SELECT max(generation) AS generation, count(*) AS generations
FROM ({of_nothing}) AS of_nothing
WHERE committed_at < %(before)s
  AND generation <= (SELECT max(generation) FROM generations) - %(kept)s
