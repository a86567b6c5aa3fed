-- Note that a generation was verified, and with what outcome.
-- parameters: generation, scope, since, differences, unchecked
INSERT INTO verifications (verified_at, generation, scope, since, differences, unchecked)
VALUES (clock_timestamp(), %(generation)s, %(scope)s, %(since)s, %(differences)s, %(unchecked)s)
