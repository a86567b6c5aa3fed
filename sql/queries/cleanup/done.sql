-- A thing that was to be removed is gone.
-- parameters: cleanup_id, kind, item, generation (of published rows: the first one without them; else null)
UPDATE cleanups SET state = 'done', done_at = clock_timestamp(), generation = %(generation)s
WHERE cleanup_id = %(cleanup_id)s AND kind = %(kind)s AND item = %(item)s
