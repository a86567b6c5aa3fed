-- Staged operations that revisions belong to or refer to, in the order of their arrival.
-- grain: one row per such operation
-- columns: file_no, record_no, month, file_id, operation_id, content_fp, action, refers_to, version
-- views: checked (checked_operations), marks (staged revisions), families (operation_id, of known revisions and what any refers to)
SELECT checked.file_no, checked.record_no, checked.month, checked.file_id, checked.identity AS operation_id,
       checked.content_fp, marks.action, marks.refers_to, marks.version
FROM checked
LEFT JOIN families ON families.operation_id = checked.identity
LEFT JOIN marks ON marks.file_no = checked.file_no AND marks.record_no = checked.record_no
WHERE checked.reasons = '' AND NOT checked.by_content
  AND (marks.action IS NOT NULL OR families.operation_id IS NOT NULL)
ORDER BY checked.file_no, checked.record_no
