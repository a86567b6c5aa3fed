-- Whether a partitioned table has a tenth more rows than when its own statistics were taken, or has none.
-- grain: one row
-- columns: outgrown
-- parameters: parent
SELECT parent.reltuples <= 0 OR sum(partition.reltuples) FILTER (WHERE partition.reltuples > 0) > 1.1 * parent.reltuples
    AS outgrown
FROM pg_class AS parent
LEFT JOIN pg_inherits ON pg_inherits.inhparent = parent.oid
LEFT JOIN pg_class AS partition ON partition.oid = pg_inherits.inhrelid
WHERE parent.oid = %(parent)s::regclass
GROUP BY parent.reltuples
