-- Identities that stand more than once among the staged operations, by a hash that is cheap to count; another identity
-- of the same hash is only looked at for nothing.
-- grain: one row per such hash
-- columns: hashed
-- views: staged
SELECT hash(identity) AS hashed
FROM staged
GROUP BY hashed
HAVING count(*) > 1
