-- Let go of the texts that `cleanup_quarantine` counts; the rows stay.
-- parameters: generation (the last one)
UPDATE quarantine SET raw = ''
WHERE resolved_generation <= %(generation)s AND raw <> ''
  AND NOT EXISTS (
      SELECT 1
      FROM holds
      WHERE removed_at IS NULL
        AND (holds.user_id IS NULL OR holds.user_id = quarantine.user_id)
        AND (holds.source IS NULL OR holds.source = quarantine.source)
        AND (holds.file_id IS NULL OR holds.file_id = quarantine.file_id)
  )
