-- Delete notes of verifications before a day, up to the newest one of everything.
-- parameters: before
DELETE FROM verifications
WHERE verified_at < %(before)s AND verified_at < (SELECT max(verified_at) FROM verifications WHERE scope = 'everything')
