SET timezone = 'UTC';
CREATE UNLOGGED TABLE staging (
    exec_id text, transact_time text, user_id text, account_id text, type text, category text, amount text,
    currency text, side text, symbol text, security_id text, last_qty text, last_px text, commission text,
    commission_currency text, venue text, milestone_id text, description text
);
CREATE TABLE operations (
    exec_id text COLLATE "C", date date NOT NULL, transact_time timestamptz NOT NULL, user_id text COLLATE "C" NOT NULL,
    account_id text COLLATE "C", type text COLLATE "C" NOT NULL, category text COLLATE "C" NOT NULL,
    amount numeric(38, 18) NOT NULL, currency text COLLATE "C" NOT NULL, side text COLLATE "C",
    symbol text COLLATE "C", security_id text COLLATE "C", last_qty numeric(38, 18), last_px numeric(38, 20),
    commission numeric(38, 18), commission_currency text COLLATE "C", venue text COLLATE "C",
    milestone_id text COLLATE "C", description text COLLATE "C"
)
