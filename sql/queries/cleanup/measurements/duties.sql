-- Delete notes of duties done before a day.
-- parameters: before
DELETE FROM duties WHERE done_at < %(before)s
