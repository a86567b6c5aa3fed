-- Which records are in quarantine now, by file and by the rules that they broke.
-- grain: one row per file, hop and set of rules
-- columns: sha256, hop, rules (CODE:field joined by ;), records (numbers, rising)
SELECT files.sha256, quarantine.hop, quarantine.rules,
       array_agg(quarantine.record_no ORDER BY quarantine.record_no) AS records
FROM quarantine
JOIN files USING (file_id, source, user_id)
WHERE quarantine.resolved_generation IS NULL
GROUP BY files.sha256, quarantine.hop, quarantine.rules
ORDER BY files.sha256, quarantine.hop, quarantine.rules
