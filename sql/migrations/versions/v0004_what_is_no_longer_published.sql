-- Operations say which generation published them; what is superseded, and files that were held once, are kept.
-- grain: DDL; no columns come back.
ALTER TABLE trading_operations ADD COLUMN generation BIGINT;
COMMENT ON COLUMN trading_operations.generation IS 'The generation that published it';
UPDATE trading_operations
SET generation = coalesce(
    (SELECT min(files.generation) FROM files
     WHERE files.file_id = trading_operations.file_id AND files.source = trading_operations.source
       AND files.status = 'published'),
    1);
ALTER TABLE trading_operations ALTER COLUMN generation SET NOT NULL;

ALTER TABLE generations ADD COLUMN marts TEXT COLLATE "C";
COMMENT ON COLUMN generations.marts IS 'SHA-256 of the marts'' statements and of the day they were computed for';

CREATE TABLE superseded_operations (
  operation_id UUID NOT NULL,
  date DATE NOT NULL,
  transact_time TIMESTAMP WITH TIME ZONE,
  user_id TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C",
  exec_id TEXT COLLATE "C",
  type TEXT COLLATE "C",
  category TEXT COLLATE "C" NOT NULL,
  amount NUMERIC(38, 18) NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  side TEXT COLLATE "C",
  symbol TEXT COLLATE "C",
  security_id TEXT COLLATE "C",
  last_qty NUMERIC(38, 18),
  last_px NUMERIC(38, 20),
  last_px_currency TEXT COLLATE "C",
  commission NUMERIC(38, 18),
  commission_currency TEXT COLLATE "C",
  venue TEXT COLLATE "C",
  milestone_id TEXT COLLATE "C",
  description TEXT COLLATE "C",
  source TEXT COLLATE "C" NOT NULL,
  file_id UUID NOT NULL,
  record_no BIGINT NOT NULL,
  row_fp BIGINT NOT NULL,
  generation BIGINT NOT NULL,
  action TEXT COLLATE "C",
  superseded_generation BIGINT NOT NULL,
  superseded_reason TEXT COLLATE "C" NOT NULL,
  superseded_by_file_id UUID NOT NULL,
  superseded_by_record_no BIGINT,
  superseded_by UUID,
  CONSTRAINT superseded_operations_pkey PRIMARY KEY (operation_id, superseded_generation, file_id, record_no),
  CONSTRAINT superseded_operations_type_values CHECK (type IN ('income', 'expense')),
  CONSTRAINT superseded_operations_category_values CHECK (category IN ('trade', 'fee', 'tax', 'dividend', 'interest', 'deposit', 'withdrawal', 'transfer', 'conversion', 'salary', 'purchase', 'other')),
  CONSTRAINT superseded_operations_amount_non_negative CHECK (amount >= 0),
  CONSTRAINT superseded_operations_side_values CHECK (side IN ('buy', 'sell', 'undisclosed')),
  CONSTRAINT superseded_operations_last_qty_non_negative CHECK (last_qty >= 0),
  CONSTRAINT superseded_operations_action_values CHECK (action IN ('correct', 'cancel')),
  CONSTRAINT superseded_operations_superseded_reason_values CHECK (superseded_reason IN ('correction', 'cancel', 'vanished', 'restated')),
  CONSTRAINT superseded_operations_superseded_generation_check CHECK (superseded_generation >= generation)
);
CREATE INDEX superseded_operations_file_id_record_no_idx ON superseded_operations (file_id, record_no);
CREATE INDEX superseded_operations_superseded_generation_idx ON superseded_operations (superseded_generation);
CREATE INDEX superseded_operations_user_id_date_idx ON superseded_operations (user_id, date);
COMMENT ON TABLE superseded_operations IS 'One row per version of an operation that is not published any more, or was outdated as it came in (then both generations are equal). Published as of a generation G: generation <= G < superseded_generation.';
COMMENT ON COLUMN superseded_operations.operation_id IS 'First 128 bits of the SHA-256 of the record''s identity';
COMMENT ON COLUMN superseded_operations.date IS 'TradeDate [75], in the source''s time zone';
COMMENT ON COLUMN superseded_operations.transact_time IS 'TransactTime [60]; null where the source gives only a date';
COMMENT ON COLUMN superseded_operations.user_id IS 'Whose operation it is';
COMMENT ON COLUMN superseded_operations.account_id IS 'Account [1]';
COMMENT ON COLUMN superseded_operations.exec_id IS 'ExecID [17], the source''s own id';
COMMENT ON COLUMN superseded_operations.type IS 'The way the money moves (buy = expense, sell = income); null for market prints, which move nobody''s money';
COMMENT ON COLUMN superseded_operations.category IS 'What kind of operation';
COMMENT ON COLUMN superseded_operations.amount IS 'The money that moved, never negative';
COMMENT ON COLUMN superseded_operations.currency IS 'Currency [15] of amount: ISO 4217, or crypto:CODE';
COMMENT ON COLUMN superseded_operations.side IS 'Side [54]';
COMMENT ON COLUMN superseded_operations.symbol IS 'Symbol [55]';
COMMENT ON COLUMN superseded_operations.security_id IS 'SecurityID [48]: the ISIN where given';
COMMENT ON COLUMN superseded_operations.last_qty IS 'LastQty [32], never negative';
COMMENT ON COLUMN superseded_operations.last_px IS 'LastPx [31]';
COMMENT ON COLUMN superseded_operations.last_px_currency IS 'Currency of last_px; null: the same as currency';
COMMENT ON COLUMN superseded_operations.commission IS 'Commission [12]';
COMMENT ON COLUMN superseded_operations.commission_currency IS 'CommCurrency [479]; null: the same as currency';
COMMENT ON COLUMN superseded_operations.venue IS 'LastMkt [30]: ISO 10383 MIC where known, else as given';
COMMENT ON COLUMN superseded_operations.milestone_id IS 'The milestone this operation pays for, where given';
COMMENT ON COLUMN superseded_operations.description IS 'Text [58] as given';
COMMENT ON COLUMN superseded_operations.source IS 'The contract''s source, such as rabobank';
COMMENT ON COLUMN superseded_operations.file_id IS 'First 128 bits of the kept file''s SHA-256';
COMMENT ON COLUMN superseded_operations.record_no IS 'The record''s number in that file, from 1';
COMMENT ON COLUMN superseded_operations.row_fp IS 'XXH3-64 of the raw record''s fields, as a signed integer';
COMMENT ON COLUMN superseded_operations.generation IS 'The generation that published it';
COMMENT ON COLUMN superseded_operations.action IS 'How its source marked it; null: an ordinary record';
COMMENT ON COLUMN superseded_operations.superseded_generation IS 'The generation from which it is not published';
COMMENT ON COLUMN superseded_operations.superseded_reason IS 'Why';
COMMENT ON COLUMN superseded_operations.superseded_by_file_id IS 'The file that did it';
COMMENT ON COLUMN superseded_operations.superseded_by_record_no IS 'The record that did it; null where one that is not there did';
COMMENT ON COLUMN superseded_operations.superseded_by IS 'The operation_id of the version in its place; null where there is none';

CREATE TABLE superseded_rows (
  table_name TEXT COLLATE "C" NOT NULL,
  row_key TEXT COLLATE "C" NOT NULL,
  row JSONB NOT NULL,
  superseded_generation BIGINT NOT NULL,
  superseded_reason TEXT COLLATE "C" NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  file_id UUID NOT NULL,
  record_no BIGINT NOT NULL,
  row_fp BIGINT NOT NULL,
  CONSTRAINT superseded_rows_pkey PRIMARY KEY (table_name, row_key, superseded_generation),
  CONSTRAINT superseded_rows_superseded_reason_values CHECK (superseded_reason IN ('restated', 'vanished'))
);
CREATE INDEX superseded_rows_file_id_record_no_idx ON superseded_rows (file_id, record_no);
CREATE INDEX superseded_rows_superseded_generation_idx ON superseded_rows (superseded_generation);
COMMENT ON TABLE superseded_rows IS 'One row per version of a row of a keyed table that another version replaced, or that vanished with it.';
COMMENT ON COLUMN superseded_rows.table_name IS 'The keyed table';
COMMENT ON COLUMN superseded_rows.row_key IS 'Its key there; of several columns, their texts joined by U+001F';
COMMENT ON COLUMN superseded_rows.row IS 'The whole row, money as text';
COMMENT ON COLUMN superseded_rows.superseded_generation IS 'The generation from which it is not published';
COMMENT ON COLUMN superseded_rows.superseded_reason IS 'Why';
COMMENT ON COLUMN superseded_rows.source IS 'The contract''s source, such as rabobank';
COMMENT ON COLUMN superseded_rows.file_id IS 'First 128 bits of the kept file''s SHA-256';
COMMENT ON COLUMN superseded_rows.record_no IS 'The record''s number in that file, from 1';
COMMENT ON COLUMN superseded_rows.row_fp IS 'XXH3-64 of the raw record''s fields, as a signed integer';

CREATE TABLE released_files (
  file_id UUID NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  size BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  dataset TEXT COLLATE "C",
  contract_version TEXT COLLATE "C",
  table_name TEXT COLLATE "C",
  reason TEXT COLLATE "C",
  records BIGINT NOT NULL,
  generation BIGINT NOT NULL,
  landed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  landed_as TEXT COLLATE "C",
  landed_for TEXT COLLATE "C",
  released_generation BIGINT NOT NULL,
  CONSTRAINT released_files_pkey PRIMARY KEY (file_id, source, user_id, released_generation),
  CONSTRAINT released_files_status_values CHECK (status IN ('published', 'held')),
  CONSTRAINT released_files_records_non_negative CHECK (records >= 0)
);
COMMENT ON TABLE released_files IS 'One row per file that was held once and went in later: held as of a generation G when generation <= G < released_generation.';
COMMENT ON COLUMN released_files.file_id IS 'First 128 bits of the SHA-256';
COMMENT ON COLUMN released_files.source IS 'The contract''s source; `unknown` while held';
COMMENT ON COLUMN released_files.user_id IS 'Whom it was landed for';
COMMENT ON COLUMN released_files.sha256 IS 'Of the file''s bytes, hex';
COMMENT ON COLUMN released_files.name IS 'The name it first landed under';
COMMENT ON COLUMN released_files.size IS 'Bytes';
COMMENT ON COLUMN released_files.status IS 'Whether it went in or waits';
COMMENT ON COLUMN released_files.dataset IS 'The contract''s dataset';
COMMENT ON COLUMN released_files.contract_version IS 'First 16 hex digits of the contract''s SHA-256';
COMMENT ON COLUMN released_files.table_name IS 'The canonical table its records belong to';
COMMENT ON COLUMN released_files.reason IS 'Why it is held';
COMMENT ON COLUMN released_files.records IS 'Records in it';
COMMENT ON COLUMN released_files.generation IS 'The generation it became part of';
COMMENT ON COLUMN released_files.landed_at IS 'When it was first seen';
COMMENT ON COLUMN released_files.landed_as IS 'The path it first landed under, from which some contracts read';
COMMENT ON COLUMN released_files.landed_for IS 'The user named at landing; null: nobody was, so that its records may say whose';
COMMENT ON COLUMN released_files.released_generation IS 'The generation that it went in with';

