-- The partitions of a partitioned table, without one that an interrupted detachment has taken from readers.
-- grain: one row a partition, in the order of their names
-- columns: name
-- parameters: parent
SELECT c.relname::text AS name
FROM pg_inherits AS i
JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = %(parent)s::regclass AND NOT i.inhdetachpending
ORDER BY c.relname
