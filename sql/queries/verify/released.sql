-- Files that were held and went in later, as they were while they were held.
-- grain: one row per file, source, owner and release
-- columns: as declared in nexus_data/tables/history.py
SELECT file_id, source, user_id, sha256, name, dataset, contract_version, landed_as, generation, released_generation
FROM released_files
