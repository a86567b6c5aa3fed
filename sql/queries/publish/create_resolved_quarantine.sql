-- A place, for the time of the transaction, for the rows of quarantine that a run resolves.
-- columns: file_id, source, user_id, record_no, generation (theirs), resolution, contract_version (that judged now)
CREATE TEMPORARY TABLE resolved_quarantine (
    file_id uuid NOT NULL,
    source text NOT NULL,
    user_id text NOT NULL,
    record_no bigint NOT NULL,
    generation bigint NOT NULL,
    resolution text NOT NULL,
    contract_version text NOT NULL
) ON COMMIT DROP
