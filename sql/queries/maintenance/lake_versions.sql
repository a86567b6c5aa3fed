-- Have a generation tell the lake's versions after files were put together: the rows are the same.
-- parameters: generation, lake (jsonb: Delta version by lake table)
UPDATE generations SET lake = %(lake)s WHERE generation = %(generation)s
