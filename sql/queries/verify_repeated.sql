-- The accepted operations of identities that stand more than once, or that a revision names: those that belong together
-- one after the other, in order of arrival.
-- grain: one row per accepted operation of such an identity
-- columns: together, identity, seq, first_seq, generation, record_no, content_fp, month, by_content, action, refers_to, version,
-- refused
-- views: accepted, families, landings, refused_users, refused_milestones; for DuckDB, run by the verifier
WITH repeated AS (
    SELECT identity FROM accepted GROUP BY identity HAVING count(*) > 1
    UNION
    SELECT identity FROM families
)
SELECT
    coalesce(families.family, accepted.identity) AS together, accepted.identity, accepted.seq, landings.first_seq, landings.generation, accepted.record_no, accepted.content_fp, accepted.month,
    accepted.by_content, accepted.action, accepted.refers_to, accepted.version,
    nullif(
        concat_ws(
            ';',
            CASE WHEN refused_milestones.name IS NOT NULL THEN 'UNKNOWN_MILESTONE:milestone_id' END,
            CASE WHEN refused_users.name IS NOT NULL THEN 'UNKNOWN_USER:user_id' END
        ),
        ''
    ) AS refused
FROM accepted
SEMI JOIN repeated ON repeated.identity = accepted.identity
JOIN landings ON landings.seq = accepted.seq
LEFT JOIN families ON families.identity = accepted.identity
LEFT JOIN refused_milestones
    ON refused_milestones.seq = accepted.seq AND refused_milestones.name = accepted.milestone_id
LEFT JOIN refused_users ON refused_users.seq = accepted.seq AND refused_users.name = accepted.user_id
ORDER BY together, accepted.seq, accepted.record_no
