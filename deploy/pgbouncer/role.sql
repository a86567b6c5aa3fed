-- What the API's role must be set to where no connection can set it itself (pgbouncer in transaction mode).
-- psql -v role=nexus_api -f role.sql
ALTER ROLE :"role" SET default_transaction_read_only = on;
ALTER ROLE :"role" SET statement_timeout = '10s';
ALTER ROLE :"role" SET jit = off;
ALTER ROLE :"role" SET timezone = 'UTC';
