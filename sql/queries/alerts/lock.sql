-- Waits until no other look is being booked; held until the transaction ends.
-- grain: one row
-- columns: pg_advisory_xact_lock (nothing)
SELECT pg_advisory_xact_lock(hashtextextended('nexus alerts', 0))
