-- A report that was written: one that is known by its id is told anew.
-- parameters: as the columns of the table reports
INSERT INTO reports (report_id, user_id, role, period, format, generation, path, sha256, size, created_at)
VALUES (
    %(report_id)s, %(user_id)s, %(role)s, %(period)s, %(format)s, %(generation)s, %(path)s, %(sha256)s, %(size)s, now()
)
ON CONFLICT (report_id) DO UPDATE SET
    path = excluded.path, sha256 = excluded.sha256, size = excluded.size,
    created_at = excluded.created_at, removed_at = NULL
