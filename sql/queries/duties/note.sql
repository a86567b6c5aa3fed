-- Note that a duty is done for a period.
-- parameters: duty, period, run_id, outcome
INSERT INTO duties (duty, period, done_at, run_id, outcome)
VALUES (%(duty)s, %(period)s, clock_timestamp(), %(run_id)s, %(outcome)s)
