-- Every generation, for the verifier.
-- grain: one row per generation
-- columns: as declared in nexus_data/tables/ledger.py
SELECT generation, run_id, committed_at, lake
FROM generations
