CREATE TABLE changes (
  generation BIGINT NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  table_name TEXT COLLATE "C" NOT NULL,
  published BIGINT NOT NULL,
  superseded BIGINT NOT NULL,
  first_day DATE,
  last_day DATE,
  CONSTRAINT changes_pkey PRIMARY KEY (generation, user_id, table_name),
  CONSTRAINT changes_published_non_negative CHECK (published >= 0),
  CONSTRAINT changes_superseded_non_negative CHECK (superseded >= 0)
);
CREATE INDEX changes_user_id_generation_idx ON changes (user_id, generation);

COMMENT ON TABLE changes IS 'One row per generation, user and canonical table of which rows of that user came or went.';
COMMENT ON COLUMN changes.generation IS 'The generation';
COMMENT ON COLUMN changes.user_id IS 'Whose rows; of milestones, their project''s owner';
COMMENT ON COLUMN changes.table_name IS 'The canonical table';
COMMENT ON COLUMN changes.published IS 'Rows that are new or newer';
COMMENT ON COLUMN changes.superseded IS 'Rows that are not published any more';
COMMENT ON COLUMN changes.first_day IS 'The first day of these operations; null in other tables';
COMMENT ON COLUMN changes.last_day IS 'The last one';
