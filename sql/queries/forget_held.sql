-- A file that was held and now went in is held no more.
-- parameters: file_id (uuid), user_id
DELETE FROM files
WHERE file_id = %(file_id)s AND user_id = %(user_id)s AND status = 'held'
