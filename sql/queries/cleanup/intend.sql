-- Write down what a cleanup is about to remove, before it touches anything.
-- parameters: cleanup_id, kind, item, records, bytes, fp, reason
INSERT INTO cleanups (cleanup_id, kind, item, records, bytes, fp, reason, state, intended_at)
VALUES (%(cleanup_id)s, %(kind)s, %(item)s, %(records)s, %(bytes)s, %(fp)s, %(reason)s, 'intended', clock_timestamp())
