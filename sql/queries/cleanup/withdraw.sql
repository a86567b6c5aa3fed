-- Forget an intention of which nothing has been carried out.
-- parameters: cleanup_id, kind, item
DELETE FROM cleanups WHERE cleanup_id = %(cleanup_id)s AND kind = %(kind)s AND item = %(item)s AND state = 'intended'
