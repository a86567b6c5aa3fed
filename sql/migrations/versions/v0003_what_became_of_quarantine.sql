ALTER TABLE ledger
  DROP CONSTRAINT ledger_hop_values,
  ADD CONSTRAINT ledger_hop_values CHECK (hop IN ('read', 'standardize', 'deduplicate', 'publish', 'supersede', 'replay'));

-- One file may be read as two sources for one owner, and a record may be rejected again by other rules.
ALTER TABLE quarantine
  ADD COLUMN resolved_generation BIGINT,
  ADD COLUMN resolved_run_id TEXT COLLATE "C",
  ADD COLUMN resolved_contract_version TEXT COLLATE "C",
  ADD COLUMN resolution TEXT COLLATE "C",
  DROP CONSTRAINT quarantine_pkey,
  ADD CONSTRAINT quarantine_pkey PRIMARY KEY (file_id, source, user_id, record_no, generation),
  DROP CONSTRAINT quarantine_hop_values,
  ADD CONSTRAINT quarantine_hop_values CHECK (hop IN ('read', 'standardize', 'deduplicate', 'publish', 'supersede', 'replay')),
  ADD CONSTRAINT quarantine_resolution_values
    CHECK (resolution IN ('published', 'duplicate', 'superseded', 'skipped', 'rejected')),
  ADD CONSTRAINT quarantine_resolved_generation_check CHECK (resolved_generation > generation),
  ADD CONSTRAINT quarantine_resolution_check CHECK (
    resolution IS NULL AND resolved_generation IS NULL AND resolved_run_id IS NULL
    OR resolution IS NOT NULL AND resolved_generation IS NOT NULL AND resolved_run_id IS NOT NULL
  );
CREATE UNIQUE INDEX quarantine_file_id_source_user_id_record_no_key
  ON quarantine (file_id, source, user_id, record_no) WHERE resolved_generation IS NULL;
CREATE INDEX quarantine_resolved_generation_idx
  ON quarantine (resolved_generation) WHERE resolved_generation IS NOT NULL;

CREATE TABLE corrections (
  file_id UUID NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  record_no BIGINT NOT NULL,
  field TEXT COLLATE "C" NOT NULL,
  old_text TEXT COLLATE "C",
  new_text TEXT COLLATE "C" NOT NULL,
  made_by TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  run_id TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  CONSTRAINT corrections_pkey PRIMARY KEY (file_id, source, user_id, record_no, field, generation)
);
CREATE INDEX corrections_generation_idx ON corrections (generation);

COMMENT ON TABLE quarantine IS 'One row per rejected record and judgement, with every rule that it broke and its raw text. A row is open as of a generation G when generation <= G and resolved_generation is null or > G; a record has one open row at most.';
COMMENT ON COLUMN quarantine.row_fp IS 'Its fingerprint, which it keeps when replayed or corrected';
COMMENT ON COLUMN quarantine.resolved_generation IS 'The generation that took it out again; null: open';
COMMENT ON COLUMN quarantine.resolved_run_id IS 'The run that did';
COMMENT ON COLUMN quarantine.resolved_contract_version IS 'The contract that judged it then';
COMMENT ON COLUMN quarantine.resolution IS 'Where it went';
COMMENT ON TABLE corrections IS 'One row per correction of a raw field of a quarantined record, as evidence: the kept file is never altered. Of several for one field the one of the highest generation is in force.';
COMMENT ON COLUMN corrections.file_id IS 'The file';
COMMENT ON COLUMN corrections.source IS 'The contract''s source';
COMMENT ON COLUMN corrections.user_id IS 'Whom the file was landed for';
COMMENT ON COLUMN corrections.record_no IS 'The record''s number, from 1';
COMMENT ON COLUMN corrections.field IS 'The raw column, as the contract''s variant names it';
COMMENT ON COLUMN corrections.old_text IS 'What it said before; null where the reader could not tell the record''s fields';
COMMENT ON COLUMN corrections.new_text IS 'What it is to say';
COMMENT ON COLUMN corrections.made_by IS 'Who says so';
COMMENT ON COLUMN corrections.reason IS 'Why';
COMMENT ON COLUMN corrections.made_at IS 'When it was given';
COMMENT ON COLUMN corrections.run_id IS 'The run that applied it first';
COMMENT ON COLUMN corrections.generation IS 'The generation that this run committed';
