-- Note how much room something takes.
-- parameters: measured_at, kind, name, bytes
INSERT INTO sizes (measured_at, kind, name, bytes) VALUES (%(measured_at)s, %(kind)s, %(name)s, %(bytes)s)
