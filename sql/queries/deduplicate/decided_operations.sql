-- What was decided of the doubtful operations of some months.
-- grain: one row per doubtful operation
-- columns: file_no, record_no, operation_id, outcome, reasons
-- views: decision (decide_operations)
-- parameters: months
SELECT file_no, record_no, operation_id, outcome, reasons
FROM decision
WHERE month IN (SELECT unnest($months))
