-- Staged operations, and whether what they refer to is known.
-- grain: one row per staged operation
-- columns: file_no, record_no, month, file_id, identity, by_content, content_fp, reasons (CODE:field joined by ;)
-- views: staged, landings, known_users, known_milestones
SELECT staged.file_no, staged.record_no, staged.month, staged.file_id, staged.identity, staged.by_content,
       staged.content_fp,
       concat_ws(';',
           CASE WHEN staged.milestone_id IS NOT NULL AND known_milestones.milestone_id IS NULL
                THEN 'UNKNOWN_MILESTONE:milestone_id' END,
           CASE WHEN known_users.user_id IS NULL AND NOT landings.implied_parents
                     AND staged.user_id <> landings.owner
                THEN 'UNKNOWN_USER:user_id' END) AS reasons
FROM staged
JOIN landings ON landings.file_no = staged.file_no
LEFT JOIN known_milestones ON known_milestones.milestone_id = staged.milestone_id
LEFT JOIN known_users ON known_users.user_id = staged.user_id
