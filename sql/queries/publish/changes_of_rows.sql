-- Writes down how many rows of a keyed table a run brings each user.
-- grain: none
-- placeholders: changed (the run's rows), name, generation
INSERT INTO changes (generation, user_id, table_name, published, superseded)
SELECT {generation}, user_id, {name}, count(*), 0
FROM {changed}
WHERE user_id IS NOT NULL
GROUP BY user_id
