-- The whole ledger, for the marts that measure quality by it.
-- grain: one row per run, landing, hop and partition
-- columns: as declared in nexus_data/tables/ledger.py
SELECT run_id, file_no, generation, file_id, source, user_id, table_name, hop, partition, records_in, passed, rejected,
       duplicate, superseded, skipped, held, fp_in, fp_passed, fp_rejected, fp_duplicate, fp_superseded, fp_skipped,
       fp_held
FROM ledger
