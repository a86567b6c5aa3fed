-- Staged operations that are not plainly new: all others are published under their identity. A row too many here is
-- only decided at more length, so that hashes may do for ids.
-- grain: one row per such operation
-- columns: those of checked_operations; again (whether its identity may be staged more than once)
-- views: checked (checked_operations), repeated (repeated_identities), there (operations_there), settled (decided before)
WITH doubted AS (
    SELECT hash(operation_id) AS hashed FROM there
    UNION
    SELECT hash(operation_id) FROM settled
    UNION
    SELECT hash(staged.identity) FROM staged
    SEMI JOIN settled ON settled.file_no = staged.file_no AND settled.record_no = staged.record_no
)
SELECT *, hash(identity) IN (SELECT hashed FROM repeated) AS again
FROM checked
WHERE reasons <> '' OR again OR hash(identity) IN (SELECT hashed FROM doubted)
