-- Decides the accepted operations whose identity stands only once in all of history, that no revision names and no later
-- full export says anything about: they are published, unless they name a user or a milestone that nobody knew.
-- grain: one row per accepted operation of an identity of its own
-- columns: seq, record_no, operation_id, outcome, reasons
-- views: accepted, families, full_exports, refused_users, refused_milestones; for DuckDB, run by the verifier
INSERT INTO decisions
WITH single AS (
    SELECT any_value(seq) AS seq, any_value(record_no) AS record_no, identity
    FROM accepted
    ANTI JOIN families ON families.identity = accepted.identity
    GROUP BY identity
    HAVING count(*) = 1 AND any_value(seq) NOT IN (SELECT seq FROM full_exports)
),
judged AS (
    SELECT
        accepted.seq, accepted.record_no, accepted.identity,
        concat_ws(
            ';',
            CASE WHEN refused_milestones.name IS NOT NULL THEN 'UNKNOWN_MILESTONE:milestone_id' END,
            CASE WHEN refused_users.name IS NOT NULL THEN 'UNKNOWN_USER:user_id' END
        ) AS reasons
    FROM single
    JOIN accepted ON accepted.seq = single.seq AND accepted.record_no = single.record_no
    LEFT JOIN refused_milestones
        ON refused_milestones.seq = accepted.seq AND refused_milestones.name = accepted.milestone_id
    LEFT JOIN refused_users ON refused_users.seq = accepted.seq AND refused_users.name = accepted.user_id
)
SELECT
    seq, record_no, CASE WHEN reasons = '' THEN identity END,
    CASE WHEN reasons = '' THEN 'passed' ELSE 'rejected' END, nullif(reasons, ''), NULL, NULL, NULL, NULL, NULL
FROM judged
