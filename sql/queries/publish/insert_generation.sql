-- Make the run's data what readers see.
-- parameters: generation, run_id, lake (jsonb: Delta version by lake table)
INSERT INTO generations (generation, run_id, committed_at, lake)
VALUES (%(generation)s, %(run_id)s, now(), %(lake)s)
