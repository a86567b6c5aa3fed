-- Delete the generations that `cleanup_generations` counts.
-- parameters: generation (the last one); of_nothing: the statement generations_of_nothing
DELETE FROM generations
WHERE generation <= %(generation)s
  AND generation < (SELECT max(generation) FROM generations)
  AND generation IN (SELECT of_nothing.generation FROM ({of_nothing}) AS of_nothing)
