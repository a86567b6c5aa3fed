-- Writes down how many milestones a run brings each owner of projects.
-- grain: none
-- placeholders: changed (the run's rows), name, generation
INSERT INTO changes (generation, user_id, table_name, published, superseded)
SELECT {generation}, projects.user_id, {name}, count(*), 0
FROM {changed} AS changed
JOIN projects ON projects.project_id = changed.project_id
WHERE projects.user_id IS NOT NULL
GROUP BY projects.user_id
