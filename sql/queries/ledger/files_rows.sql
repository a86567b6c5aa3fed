-- Every file, for the marts that measure quality by it.
-- grain: one row per file, source and owner
-- columns: as declared in nexus_data/tables/ledger.py
SELECT file_id, source, user_id, sha256, name, size, status, dataset, contract_version, table_name, reason, records,
       generation, landed_at, landed_as, landed_for
FROM files
