-- The first revision: written out, so that it stays what it was when the declarations move on.
-- grain: DDL; no columns come back.
CREATE SCHEMA IF NOT EXISTS marts;

CREATE TABLE users (
  user_id TEXT COLLATE "C" NOT NULL,
  email TEXT COLLATE "C",
  display_name TEXT COLLATE "C",
  primary_pov_role TEXT COLLATE "C",
  password_hash TEXT COLLATE "C",
  status TEXT COLLATE "C" NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE,
  source TEXT COLLATE "C" NOT NULL,
  file_id UUID NOT NULL,
  record_no BIGINT NOT NULL,
  row_fp BIGINT NOT NULL,
  CONSTRAINT users_pkey PRIMARY KEY (user_id),
  CONSTRAINT users_primary_pov_role_values
    CHECK (primary_pov_role IN ('financial_examiner', 'auditor', 'compliance_officer', 'executive', 'prosecutor', 'judge'))
);
CREATE UNIQUE INDEX users_lower_email_key ON users (lower(email));
CREATE INDEX users_primary_pov_role_idx ON users (primary_pov_role);
COMMENT ON TABLE users IS 'One row per user. A user whom only operations or projects name is there with status `implied`.';
COMMENT ON COLUMN users.user_id IS 'The user''s id';
COMMENT ON COLUMN users.email IS 'Unique, compared without case';
COMMENT ON COLUMN users.display_name IS 'Name as shown';
COMMENT ON COLUMN users.primary_pov_role IS 'The role whose point of view is shown first';
COMMENT ON COLUMN users.password_hash IS 'argon2id; never imported from files';
COMMENT ON COLUMN users.status IS 'As given, or implied';
COMMENT ON COLUMN users.created_at IS 'When the account was made';
COMMENT ON COLUMN users.source IS 'The contract''s source, such as rabobank';
COMMENT ON COLUMN users.file_id IS 'First 128 bits of the kept file''s SHA-256';
COMMENT ON COLUMN users.record_no IS 'The record''s number in that file, from 1';
COMMENT ON COLUMN users.row_fp IS 'XXH3-64 of the raw record''s fields, as a signed integer';

CREATE TABLE user_accounts (
  account_source TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  file_id UUID NOT NULL,
  record_no BIGINT NOT NULL,
  row_fp BIGINT NOT NULL,
  CONSTRAINT user_accounts_pkey PRIMARY KEY (account_source, account_id)
);
CREATE INDEX user_accounts_user_id_idx ON user_accounts (user_id);
COMMENT ON TABLE user_accounts IS 'Which user an account of a source belongs to.';
COMMENT ON COLUMN user_accounts.account_source IS 'The source that the account is held at';
COMMENT ON COLUMN user_accounts.account_id IS 'Account [1] as that source writes it';
COMMENT ON COLUMN user_accounts.user_id IS 'Its owner';
COMMENT ON COLUMN user_accounts.source IS 'The contract''s source, such as rabobank';
COMMENT ON COLUMN user_accounts.file_id IS 'First 128 bits of the kept file''s SHA-256';
COMMENT ON COLUMN user_accounts.record_no IS 'The record''s number in that file, from 1';
COMMENT ON COLUMN user_accounts.row_fp IS 'XXH3-64 of the raw record''s fields, as a signed integer';

CREATE TABLE projects (
  project_id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C",
  name TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C",
  status TEXT COLLATE "C" NOT NULL,
  status_category TEXT COLLATE "C" NOT NULL,
  total_budget NUMERIC(38, 18),
  currency TEXT COLLATE "C",
  start_date DATE,
  end_date DATE,
  created_at TIMESTAMP WITH TIME ZONE,
  updated_at TIMESTAMP WITH TIME ZONE,
  source TEXT COLLATE "C" NOT NULL,
  file_id UUID NOT NULL,
  record_no BIGINT NOT NULL,
  row_fp BIGINT NOT NULL,
  CONSTRAINT projects_pkey PRIMARY KEY (project_id),
  CONSTRAINT projects_status_category_values CHECK (status_category IN ('todo', 'in_progress', 'done', 'cancelled')),
  CONSTRAINT projects_total_budget_non_negative CHECK (total_budget >= 0)
);
CREATE INDEX projects_user_id_idx ON projects (user_id);
COMMENT ON TABLE projects IS 'One row per project: the newest record of it. A project that only milestones name has status `implied`.';
COMMENT ON COLUMN projects.project_id IS 'The project''s id, prefixed by its source where that is not the platform';
COMMENT ON COLUMN projects.user_id IS 'Its owner';
COMMENT ON COLUMN projects.key IS 'The short key people use';
COMMENT ON COLUMN projects.name IS 'Its name';
COMMENT ON COLUMN projects.description IS 'As given';
COMMENT ON COLUMN projects.status IS 'As given';
COMMENT ON COLUMN projects.status_category IS 'What that status means';
COMMENT ON COLUMN projects.total_budget IS 'The budget';
COMMENT ON COLUMN projects.currency IS 'ISO 4217 code of total_budget';
COMMENT ON COLUMN projects.start_date IS 'First day';
COMMENT ON COLUMN projects.end_date IS 'Last day, as planned or forecast';
COMMENT ON COLUMN projects.created_at IS 'When the record was made';
COMMENT ON COLUMN projects.updated_at IS 'When it was last changed: a later one supersedes';
COMMENT ON COLUMN projects.source IS 'The contract''s source, such as rabobank';
COMMENT ON COLUMN projects.file_id IS 'First 128 bits of the kept file''s SHA-256';
COMMENT ON COLUMN projects.record_no IS 'The record''s number in that file, from 1';
COMMENT ON COLUMN projects.row_fp IS 'XXH3-64 of the raw record''s fields, as a signed integer';

CREATE TABLE project_milestones (
  milestone_id TEXT COLLATE "C" NOT NULL,
  project_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  description TEXT COLLATE "C",
  planned_amount NUMERIC(38, 18),
  actual_amount NUMERIC(38, 18),
  currency TEXT COLLATE "C",
  due_on DATE,
  release_date DATE,
  status TEXT COLLATE "C" NOT NULL,
  status_category TEXT COLLATE "C" NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE,
  updated_at TIMESTAMP WITH TIME ZONE,
  source TEXT COLLATE "C" NOT NULL,
  file_id UUID NOT NULL,
  record_no BIGINT NOT NULL,
  row_fp BIGINT NOT NULL,
  CONSTRAINT project_milestones_pkey PRIMARY KEY (milestone_id),
  CONSTRAINT project_milestones_status_category_values
    CHECK (status_category IN ('todo', 'in_progress', 'done', 'cancelled'))
);
CREATE INDEX project_milestones_project_id_idx ON project_milestones (project_id);
COMMENT ON TABLE project_milestones IS 'One row per milestone (or task or issue of a project tool): the newest record of it.';
COMMENT ON COLUMN project_milestones.milestone_id IS 'The milestone''s id, prefixed like project_id';
COMMENT ON COLUMN project_milestones.project_id IS 'The project it belongs to';
COMMENT ON COLUMN project_milestones.name IS 'Its name';
COMMENT ON COLUMN project_milestones.description IS 'As given';
COMMENT ON COLUMN project_milestones.planned_amount IS 'Planned money; estimates without money have currency XXX';
COMMENT ON COLUMN project_milestones.actual_amount IS 'Money released so far, as the source says';
COMMENT ON COLUMN project_milestones.currency IS 'ISO 4217; XXX (no currency) for story points and the like';
COMMENT ON COLUMN project_milestones.due_on IS 'When it is due';
COMMENT ON COLUMN project_milestones.release_date IS 'When its money is released';
COMMENT ON COLUMN project_milestones.status IS 'As given';
COMMENT ON COLUMN project_milestones.status_category IS 'What that status means';
COMMENT ON COLUMN project_milestones.closed_at IS 'When it was finished';
COMMENT ON COLUMN project_milestones.created_at IS 'When it was made';
COMMENT ON COLUMN project_milestones.updated_at IS 'When it was last changed: a later one supersedes';
COMMENT ON COLUMN project_milestones.source IS 'The contract''s source, such as rabobank';
COMMENT ON COLUMN project_milestones.file_id IS 'First 128 bits of the kept file''s SHA-256';
COMMENT ON COLUMN project_milestones.record_no IS 'The record''s number in that file, from 1';
COMMENT ON COLUMN project_milestones.row_fp IS 'XXH3-64 of the raw record''s fields, as a signed integer';

CREATE TABLE trading_operations (
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
  CONSTRAINT trading_operations_pkey PRIMARY KEY (date, operation_id),
  CONSTRAINT trading_operations_type_values CHECK (type IN ('income', 'expense')),
  CONSTRAINT trading_operations_category_values
    CHECK (category IN (
      'trade', 'fee', 'tax', 'dividend', 'interest', 'deposit', 'withdrawal', 'transfer', 'conversion',
      'salary', 'purchase', 'other'
    )),
  CONSTRAINT trading_operations_amount_non_negative CHECK (amount >= 0),
  CONSTRAINT trading_operations_side_values CHECK (side IN ('buy', 'sell', 'undisclosed')),
  CONSTRAINT trading_operations_last_qty_non_negative CHECK (last_qty >= 0)
) PARTITION BY RANGE (date);
CREATE INDEX trading_operations_milestone_id_idx ON trading_operations (milestone_id) WHERE milestone_id IS NOT NULL;
CREATE INDEX trading_operations_user_id_date_idx ON trading_operations (user_id, date);
COMMENT ON TABLE trading_operations IS 'One row per operation that moves money, range-partitioned by month of `date`.';
COMMENT ON COLUMN trading_operations.operation_id IS 'First 128 bits of the SHA-256 of the record''s identity';
COMMENT ON COLUMN trading_operations.date IS 'TradeDate [75], in the source''s time zone';
COMMENT ON COLUMN trading_operations.transact_time IS 'TransactTime [60]; null where the source gives only a date';
COMMENT ON COLUMN trading_operations.user_id IS 'Whose operation it is';
COMMENT ON COLUMN trading_operations.account_id IS 'Account [1]';
COMMENT ON COLUMN trading_operations.exec_id IS 'ExecID [17], the source''s own id';
COMMENT ON COLUMN trading_operations.type IS
  'The way the money moves (buy = expense, sell = income); null for market prints, which move nobody''s money';
COMMENT ON COLUMN trading_operations.category IS 'What kind of operation';
COMMENT ON COLUMN trading_operations.amount IS 'The money that moved, never negative';
COMMENT ON COLUMN trading_operations.currency IS 'Currency [15] of amount: ISO 4217, or crypto:CODE';
COMMENT ON COLUMN trading_operations.side IS 'Side [54]';
COMMENT ON COLUMN trading_operations.symbol IS 'Symbol [55]';
COMMENT ON COLUMN trading_operations.security_id IS 'SecurityID [48]: the ISIN where given';
COMMENT ON COLUMN trading_operations.last_qty IS 'LastQty [32], never negative';
COMMENT ON COLUMN trading_operations.last_px IS 'LastPx [31]';
COMMENT ON COLUMN trading_operations.last_px_currency IS 'Currency of last_px; null: the same as currency';
COMMENT ON COLUMN trading_operations.commission IS 'Commission [12]';
COMMENT ON COLUMN trading_operations.commission_currency IS 'CommCurrency [479]; null: the same as currency';
COMMENT ON COLUMN trading_operations.venue IS 'LastMkt [30]: ISO 10383 MIC where known, else as given';
COMMENT ON COLUMN trading_operations.milestone_id IS 'The milestone this operation pays for, where given';
COMMENT ON COLUMN trading_operations.description IS 'Text [58] as given';
COMMENT ON COLUMN trading_operations.source IS 'The contract''s source, such as rabobank';
COMMENT ON COLUMN trading_operations.file_id IS 'First 128 bits of the kept file''s SHA-256';
COMMENT ON COLUMN trading_operations.record_no IS 'The record''s number in that file, from 1';
COMMENT ON COLUMN trading_operations.row_fp IS 'XXH3-64 of the raw record''s fields, as a signed integer';

CREATE TABLE frenly_ai_tasks (
  task_id TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  type TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C",
  priority TEXT COLLATE "C",
  status TEXT COLLATE "C" NOT NULL,
  progress NUMERIC(38, 18),
  parameters JSONB,
  result JSONB,
  error_message TEXT COLLATE "C",
  idempotency_key TEXT COLLATE "C",
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  updated_at TIMESTAMP WITH TIME ZONE,
  source TEXT COLLATE "C" NOT NULL,
  file_id UUID NOT NULL,
  record_no BIGINT NOT NULL,
  row_fp BIGINT NOT NULL,
  CONSTRAINT frenly_ai_tasks_pkey PRIMARY KEY (task_id),
  CONSTRAINT frenly_ai_tasks_status_values
    CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
  CONSTRAINT frenly_ai_tasks_progress_non_negative CHECK (progress >= 0)
);
CREATE INDEX frenly_ai_tasks_created_at_idx ON frenly_ai_tasks (created_at);
CREATE INDEX frenly_ai_tasks_status_created_at_idx ON frenly_ai_tasks (status, created_at);
CREATE INDEX frenly_ai_tasks_user_id_created_at_idx ON frenly_ai_tasks (user_id, created_at);
CREATE INDEX frenly_ai_tasks_user_id_status_created_at_idx ON frenly_ai_tasks (user_id, status, created_at);
COMMENT ON TABLE frenly_ai_tasks IS 'One row per background task: its newest state.';
COMMENT ON COLUMN frenly_ai_tasks.task_id IS 'The task''s id';
COMMENT ON COLUMN frenly_ai_tasks.user_id IS 'Who asked for it';
COMMENT ON COLUMN frenly_ai_tasks.type IS 'process_dataset, generate_report, cleanup_old_data, ...';
COMMENT ON COLUMN frenly_ai_tasks.title IS 'As shown';
COMMENT ON COLUMN frenly_ai_tasks.priority IS 'As given';
COMMENT ON COLUMN frenly_ai_tasks.status IS 'Where it stands';
COMMENT ON COLUMN frenly_ai_tasks.progress IS 'Share done, 0 to 100';
COMMENT ON COLUMN frenly_ai_tasks.parameters IS 'What it was asked with';
COMMENT ON COLUMN frenly_ai_tasks.result IS 'What came out';
COMMENT ON COLUMN frenly_ai_tasks.error_message IS 'Why it failed';
COMMENT ON COLUMN frenly_ai_tasks.idempotency_key IS 'The asker''s key: one task a key';
COMMENT ON COLUMN frenly_ai_tasks.created_at IS 'When it was asked for';
COMMENT ON COLUMN frenly_ai_tasks.started_at IS 'When it started';
COMMENT ON COLUMN frenly_ai_tasks.finished_at IS 'When it ended';
COMMENT ON COLUMN frenly_ai_tasks.updated_at IS 'When it last changed: a later one supersedes';
COMMENT ON COLUMN frenly_ai_tasks.source IS 'The contract''s source, such as rabobank';
COMMENT ON COLUMN frenly_ai_tasks.file_id IS 'First 128 bits of the kept file''s SHA-256';
COMMENT ON COLUMN frenly_ai_tasks.record_no IS 'The record''s number in that file, from 1';
COMMENT ON COLUMN frenly_ai_tasks.row_fp IS 'XXH3-64 of the raw record''s fields, as a signed integer';

CREATE TABLE files (
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
  CONSTRAINT files_pkey PRIMARY KEY (file_id, source, user_id),
  CONSTRAINT files_status_values CHECK (status IN ('published', 'held')),
  CONSTRAINT files_records_non_negative CHECK (records >= 0)
);
COMMENT ON TABLE files IS 'One row per landed file and owner: what it is, and what was made of it.';
COMMENT ON COLUMN files.file_id IS 'First 128 bits of the SHA-256';
COMMENT ON COLUMN files.source IS 'The contract''s source; `unknown` while held';
COMMENT ON COLUMN files.user_id IS 'Whom it was landed for';
COMMENT ON COLUMN files.sha256 IS 'Of the file''s bytes, hex';
COMMENT ON COLUMN files.name IS 'The name it first landed under';
COMMENT ON COLUMN files.size IS 'Bytes';
COMMENT ON COLUMN files.status IS 'Whether it went in or waits';
COMMENT ON COLUMN files.dataset IS 'The contract''s dataset';
COMMENT ON COLUMN files.contract_version IS 'First 16 hex digits of the contract''s SHA-256';
COMMENT ON COLUMN files.table_name IS 'The canonical table its records belong to';
COMMENT ON COLUMN files.reason IS 'Why it is held';
COMMENT ON COLUMN files.records IS 'Records in it';
COMMENT ON COLUMN files.generation IS 'The generation it became part of';
COMMENT ON COLUMN files.landed_at IS 'When it was first seen';

CREATE TABLE ledger (
  run_id TEXT COLLATE "C" NOT NULL,
  file_no BIGINT NOT NULL,
  generation BIGINT NOT NULL,
  file_id UUID NOT NULL,
  source TEXT COLLATE "C" NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  table_name TEXT COLLATE "C" NOT NULL,
  hop TEXT COLLATE "C" NOT NULL,
  partition TEXT COLLATE "C" NOT NULL,
  records_in BIGINT NOT NULL,
  passed BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  duplicate BIGINT NOT NULL,
  superseded BIGINT NOT NULL,
  skipped BIGINT NOT NULL,
  held BIGINT NOT NULL,
  fp_in NUMERIC(38, 0) NOT NULL,
  fp_passed NUMERIC(38, 0) NOT NULL,
  fp_rejected NUMERIC(38, 0) NOT NULL,
  fp_duplicate NUMERIC(38, 0) NOT NULL,
  fp_superseded NUMERIC(38, 0) NOT NULL,
  fp_skipped NUMERIC(38, 0) NOT NULL,
  fp_held NUMERIC(38, 0) NOT NULL,
  CONSTRAINT ledger_pkey PRIMARY KEY (run_id, file_no, hop, partition),
  CONSTRAINT ledger_hop_values CHECK (hop IN ('read', 'standardize', 'deduplicate', 'publish', 'supersede')),
  CONSTRAINT ledger_records_in_non_negative CHECK (records_in >= 0),
  CONSTRAINT ledger_passed_non_negative CHECK (passed >= 0),
  CONSTRAINT ledger_rejected_non_negative CHECK (rejected >= 0),
  CONSTRAINT ledger_duplicate_non_negative CHECK (duplicate >= 0),
  CONSTRAINT ledger_superseded_non_negative CHECK (superseded >= 0),
  CONSTRAINT ledger_skipped_non_negative CHECK (skipped >= 0),
  CONSTRAINT ledger_held_non_negative CHECK (held >= 0),
  CONSTRAINT ledger_records_in_check CHECK (records_in = passed + rejected + duplicate + superseded + skipped + held),
  CONSTRAINT ledger_fp_in_check
    CHECK (fp_in = fp_passed + fp_rejected + fp_duplicate + fp_superseded + fp_skipped + fp_held)
);
CREATE INDEX ledger_file_id_idx ON ledger (file_id);
CREATE INDEX ledger_generation_idx ON ledger (generation);
COMMENT ON TABLE ledger IS 'One row per run, file, hop and partition: it balances in count and in fingerprint, or it cannot be written.';
COMMENT ON COLUMN ledger.run_id IS 'The run';
COMMENT ON COLUMN ledger.file_no IS 'The landing''s number in the run: one file may land twice';
COMMENT ON COLUMN ledger.generation IS 'The generation that the run committed';
COMMENT ON COLUMN ledger.file_id IS 'The file';
COMMENT ON COLUMN ledger.source IS 'The contract''s source; `unknown` while held';
COMMENT ON COLUMN ledger.user_id IS 'Whom the file was landed for';
COMMENT ON COLUMN ledger.table_name IS 'The canonical table; `unknown` while held';
COMMENT ON COLUMN ledger.hop IS 'The step of the way';
COMMENT ON COLUMN ledger.partition IS 'Month (YYYY-MM) on hops that work by month, else empty';
COMMENT ON COLUMN ledger.records_in IS 'Records that came into the hop';
COMMENT ON COLUMN ledger.passed IS 'Records passed';
COMMENT ON COLUMN ledger.rejected IS 'Records rejected';
COMMENT ON COLUMN ledger.duplicate IS 'Records duplicate';
COMMENT ON COLUMN ledger.superseded IS 'Records superseded';
COMMENT ON COLUMN ledger.skipped IS 'Records skipped';
COMMENT ON COLUMN ledger.held IS 'Records held';
COMMENT ON COLUMN ledger.fp_in IS 'Sum of their row fingerprints';
COMMENT ON COLUMN ledger.fp_passed IS 'Sum over the records passed';
COMMENT ON COLUMN ledger.fp_rejected IS 'Sum over the records rejected';
COMMENT ON COLUMN ledger.fp_duplicate IS 'Sum over the records duplicate';
COMMENT ON COLUMN ledger.fp_superseded IS 'Sum over the records superseded';
COMMENT ON COLUMN ledger.fp_skipped IS 'Sum over the records skipped';
COMMENT ON COLUMN ledger.fp_held IS 'Sum over the records held';

CREATE TABLE quarantine (
  file_id UUID NOT NULL,
  user_id TEXT COLLATE "C" NOT NULL,
  record_no BIGINT NOT NULL,
  line BIGINT,
  source TEXT COLLATE "C" NOT NULL,
  table_name TEXT COLLATE "C" NOT NULL,
  hop TEXT COLLATE "C" NOT NULL,
  rules TEXT COLLATE "C" NOT NULL,
  raw TEXT COLLATE "C" NOT NULL,
  row_fp BIGINT NOT NULL,
  contract_version TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  CONSTRAINT quarantine_pkey PRIMARY KEY (file_id, user_id, record_no),
  CONSTRAINT quarantine_hop_values CHECK (hop IN ('read', 'standardize', 'deduplicate', 'publish', 'supersede'))
);
CREATE INDEX quarantine_generation_idx ON quarantine (generation);
CREATE INDEX quarantine_source_idx ON quarantine (source);
COMMENT ON TABLE quarantine IS 'One row per rejected record, with every rule that it broke and its raw text.';
COMMENT ON COLUMN quarantine.file_id IS 'The file';
COMMENT ON COLUMN quarantine.user_id IS 'Whom the file was landed for';
COMMENT ON COLUMN quarantine.record_no IS 'The record''s number, from 1';
COMMENT ON COLUMN quarantine.line IS 'Its first physical line, from 1; null where the format has no lines';
COMMENT ON COLUMN quarantine.source IS 'The contract''s source';
COMMENT ON COLUMN quarantine.table_name IS 'The canonical table it would have gone to';
COMMENT ON COLUMN quarantine.hop IS 'The hop that rejected it';
COMMENT ON COLUMN quarantine.rules IS 'Every rule it broke, CODE:field, joined by ;';
COMMENT ON COLUMN quarantine.raw IS 'Its raw text (NUL written as \x00)';
COMMENT ON COLUMN quarantine.row_fp IS 'Its fingerprint';
COMMENT ON COLUMN quarantine.contract_version IS 'The contract that judged it';
COMMENT ON COLUMN quarantine.generation IS 'The generation that put it here';

CREATE TABLE generations (
  generation BIGINT NOT NULL,
  run_id TEXT COLLATE "C" NOT NULL,
  committed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  lake JSONB NOT NULL,
  CONSTRAINT generations_pkey PRIMARY KEY (generation)
);
CREATE UNIQUE INDEX generations_run_id_key ON generations (run_id);
COMMENT ON TABLE generations IS 'One row per successful publish; the highest is what readers see.';
COMMENT ON COLUMN generations.generation IS 'Its number, from 1';
COMMENT ON COLUMN generations.run_id IS 'The run that made it';
COMMENT ON COLUMN generations.committed_at IS 'When';
COMMENT ON COLUMN generations.lake IS 'Delta version of each lake table at this generation';
