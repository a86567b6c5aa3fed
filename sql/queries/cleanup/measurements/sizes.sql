-- Delete sizes measured before a day.
-- parameters: before
DELETE FROM sizes WHERE measured_at < %(before)s
