-- Why records of the files behind a report are in quarantine; a record that broke two rules counts under both. What day
-- and whose a rejected record is may be just what could not be read, so all of these files count, whenever they landed.
-- grain: one row per source, rule (CODE:field), file and owner
-- columns: source, rule, sha256, owner, records, first_record
-- parameters: user_ids (array of text), first_day, last_day
SELECT
    quarantine.source, rule, files.sha256, files.user_id AS owner, count(*) AS records,
    min(quarantine.record_no) AS first_record
FROM quarantine
JOIN files USING (file_id, source, user_id)
CROSS JOIN LATERAL unnest(string_to_array(quarantine.rules, ';')) AS rule
WHERE
    quarantine.resolved_generation IS NULL
    AND (
        files.user_id = ANY (%(user_ids)s::text[])
        OR (files.file_id, files.source) IN (
            SELECT file_id, source
            FROM trading_operations
            WHERE user_id = ANY (%(user_ids)s::text[]) AND date BETWEEN %(first_day)s AND %(last_day)s
        )
    )
GROUP BY quarantine.source, rule, files.sha256, files.user_id
ORDER BY quarantine.source, rule, files.sha256, files.user_id
