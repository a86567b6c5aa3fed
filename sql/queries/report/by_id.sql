-- One report.
-- grain: one row or none
-- columns: those of the table reports
-- parameters: report_id
SELECT report_id, user_id, role, period, format, generation, path, sha256, size, created_at, removed_at
FROM reports
WHERE report_id = %(report_id)s
