-- Ordinary versions that revisions took the place of, among the operations asked for.
-- grain: one row per operation and content
-- columns: operation_id, content_fp
-- views: lake_superseded, wanted (operation_id)
SELECT DISTINCT operation_id, content_fp
FROM lake_superseded
SEMI JOIN wanted USING (operation_id)
WHERE action IS NULL AND superseded_reason IN ('correction', 'cancel')
