-- Whether a partition is on its way out of its parent, by a detachment that was interrupted.
-- grain: one row, or none when it is no partition of the parent
-- columns: pending
-- parameters: parent, month (the partition's name)
SELECT i.inhdetachpending AS pending
FROM pg_inherits AS i
WHERE i.inhparent = %(parent)s::regclass AND i.inhrelid = to_regclass(%(month)s)
