-- Lift a hold that is in force; its row stays.
-- parameters: hold_id, removed_by, reason
UPDATE holds SET removed_by = %(removed_by)s, removed_reason = %(reason)s, removed_at = now()
WHERE hold_id = %(hold_id)s AND removed_at IS NULL
