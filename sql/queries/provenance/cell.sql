-- One row of a mart.
-- grain: one row or none
-- columns: those of the mart
-- placeholders: mart, key (conditions on all columns of its key)
SELECT *
FROM {mart}
WHERE {key}
