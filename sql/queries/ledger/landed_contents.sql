-- Which of these contents have landed before, published or held.
-- grain: one row per content and owner
-- columns: sha256, user_id
-- parameters: sha256 (array of text)
SELECT DISTINCT sha256, user_id FROM files WHERE sha256 = ANY (%(sha256)s::text[])
