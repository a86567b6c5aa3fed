-- Take out of a month's partition what a generation superseded; its rows are in the history already.
-- parameters: generation
-- placeholder: {partition} is the partition's name
DELETE FROM {partition} AS operation
USING superseded_operations AS old
WHERE old.superseded_generation = %(generation)s AND old.generation < old.superseded_generation
  AND old.date = operation.date AND old.operation_id = operation.operation_id
  AND old.file_id = operation.file_id AND old.record_no = operation.record_no
