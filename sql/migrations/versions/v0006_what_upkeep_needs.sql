-- What upkeep needs: holds, verifications, cleanups, sizes, duties.
-- grain: DDL; no columns come back.
CREATE TABLE holds (
  hold_id BIGINT NOT NULL,
  user_id TEXT COLLATE "C",
  source TEXT COLLATE "C",
  file_id UUID,
  first_date DATE,
  last_date DATE,
  reason TEXT COLLATE "C" NOT NULL,
  made_by TEXT COLLATE "C" NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  removed_by TEXT COLLATE "C",
  removed_reason TEXT COLLATE "C",
  removed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT holds_pkey PRIMARY KEY (hold_id),
  CONSTRAINT holds_first_date_check CHECK (first_date <= last_date),
  CONSTRAINT holds_removed_by_check CHECK (removed_by IS NULL AND removed_reason IS NULL AND removed_at IS NULL OR removed_by IS NOT NULL AND removed_reason IS NOT NULL AND removed_at IS NOT NULL)
);
COMMENT ON TABLE holds IS 'One row per hold: evidence that cleanup must leave for a case. Conditions add up (all must be met); a hold that is lifted stays here with who lifted it, when and why.';
COMMENT ON COLUMN holds.hold_id IS 'Its number, from 1';
COMMENT ON COLUMN holds.user_id IS 'Whose records; null: everybody''s';
COMMENT ON COLUMN holds.source IS 'Of which source; null: of all';
COMMENT ON COLUMN holds.file_id IS 'Of which kept file; null: of all';
COMMENT ON COLUMN holds.first_date IS 'From this day on; null: from the beginning';
COMMENT ON COLUMN holds.last_date IS 'Up to and with this day; null: without end';
COMMENT ON COLUMN holds.reason IS 'The case, for people';
COMMENT ON COLUMN holds.made_by IS 'Who asked for it';
COMMENT ON COLUMN holds.made_at IS 'Since when';
COMMENT ON COLUMN holds.removed_by IS 'Who lifted it; null: it is in force';
COMMENT ON COLUMN holds.removed_reason IS 'Why';
COMMENT ON COLUMN holds.removed_at IS 'When';

CREATE TABLE verifications (
  verified_at TIMESTAMP WITH TIME ZONE NOT NULL,
  generation BIGINT NOT NULL,
  scope TEXT COLLATE "C" NOT NULL,
  since BIGINT,
  differences BIGINT NOT NULL,
  unchecked TEXT COLLATE "C",
  CONSTRAINT verifications_pkey PRIMARY KEY (verified_at, generation),
  CONSTRAINT verifications_scope_values CHECK (scope IN ('everything', 'files')),
  CONSTRAINT verifications_differences_non_negative CHECK (differences >= 0)
);
CREATE INDEX verifications_generation_idx ON verifications (generation);
COMMENT ON TABLE verifications IS 'One row per `nexus verify`: of which generation, of what, and how many differences it found.';
COMMENT ON COLUMN verifications.verified_at IS 'When it was done';
COMMENT ON COLUMN verifications.generation IS 'The generation that was current';
COMMENT ON COLUMN verifications.scope IS 'Everything, or some files alone';
COMMENT ON COLUMN verifications.since IS 'Of files: the first generation looked at; null: files by name';
COMMENT ON COLUMN verifications.differences IS 'How many; 0: nothing differs';
COMMENT ON COLUMN verifications.unchecked IS 'What could not be checked because cleanup removed it; null: nothing';

CREATE TABLE cleanups (
  cleanup_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  item TEXT COLLATE "C" NOT NULL,
  records BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  fp NUMERIC(38, 0),
  reason TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  intended_at TIMESTAMP WITH TIME ZONE NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  generation BIGINT,
  restored_generation BIGINT,
  CONSTRAINT cleanups_pkey PRIMARY KEY (cleanup_id, kind, item),
  CONSTRAINT cleanups_kind_values CHECK (kind IN ('operations', 'raw_files', 'quarantine', 'superseded', 'tasks', 'lake_history', 'cache', 'orchestrator', 'staging', 'landing', 'measurements')),
  CONSTRAINT cleanups_records_non_negative CHECK (records >= 0),
  CONSTRAINT cleanups_bytes_non_negative CHECK (bytes >= 0),
  CONSTRAINT cleanups_state_values CHECK (state IN ('intended', 'done')),
  CONSTRAINT cleanups_done_at_check CHECK (done_at IS NULL OR state = 'done')
);
CREATE INDEX cleanups_kind_item_idx ON cleanups (kind, item);
COMMENT ON TABLE cleanups IS 'One row per thing that cleanup removed, or means to: written before it is touched, completed after. One that stays `intended` was interrupted; the next cleanup finishes it.';
COMMENT ON COLUMN cleanups.cleanup_id IS 'The cleanup';
COMMENT ON COLUMN cleanups.kind IS 'What kind of thing';
COMMENT ON COLUMN cleanups.item IS 'Which: a month, a table, a file''s SHA-256, a folder';
COMMENT ON COLUMN cleanups.records IS 'How many rows, files or keys';
COMMENT ON COLUMN cleanups.bytes IS 'How much room they took';
COMMENT ON COLUMN cleanups.fp IS 'Of rows: the sum of their fingerprints';
COMMENT ON COLUMN cleanups.reason IS 'By which rule';
COMMENT ON COLUMN cleanups.state IS 'How far it came';
COMMENT ON COLUMN cleanups.intended_at IS 'When it was decided';
COMMENT ON COLUMN cleanups.done_at IS 'When it was gone; null: not yet';
COMMENT ON COLUMN cleanups.generation IS 'Of published rows: the first generation without them';
COMMENT ON COLUMN cleanups.restored_generation IS 'Of published rows: the generation that brought them back';

CREATE TABLE sizes (
  measured_at TIMESTAMP WITH TIME ZONE NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  bytes BIGINT NOT NULL,
  CONSTRAINT sizes_pkey PRIMARY KEY (measured_at, kind, name),
  CONSTRAINT sizes_kind_values CHECK (kind IN ('database', 'table', 'index', 'lake', 'folder')),
  CONSTRAINT sizes_bytes_non_negative CHECK (bytes >= 0)
);
COMMENT ON TABLE sizes IS 'One row per measurement of a table, a lake table or a folder: how sizes go over time.';
COMMENT ON COLUMN sizes.measured_at IS 'When';
COMMENT ON COLUMN sizes.kind IS 'What it is';
COMMENT ON COLUMN sizes.name IS 'Its name';
COMMENT ON COLUMN sizes.bytes IS 'How much room it takes';

CREATE TABLE duties (
  duty TEXT COLLATE "C" NOT NULL,
  period TEXT COLLATE "C" NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE NOT NULL,
  run_id TEXT COLLATE "C" NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  CONSTRAINT duties_pkey PRIMARY KEY (duty, period)
);
COMMENT ON TABLE duties IS 'One row per period in which a regular duty was done: what makes a second tick of the same period do nothing.';
COMMENT ON COLUMN duties.duty IS 'The duty';
COMMENT ON COLUMN duties.period IS 'Of when: 2025-03-01T14, 2025-03-01, 2025-W09 or 2025-03';
COMMENT ON COLUMN duties.done_at IS 'When it was done';
COMMENT ON COLUMN duties.run_id IS 'The run that did it';
COMMENT ON COLUMN duties.outcome IS 'What came of it, for people';
