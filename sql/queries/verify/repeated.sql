-- The accepted operations of identities that stand more than once, that a revision names, or that a full export shows
-- which has another version, and what rejected records of full exports mention of these: those that belong together one
-- after the other, in order of arrival.
-- grain: one row per accepted operation of such an identity
-- columns: together, identity, seq, first_seq, generation, record_no, content_fp, month, by_content, action, refers_to, version,
-- refused, mentions
-- views: accepted, mentions, families, full_exports, landings, refused_users, refused_milestones; for DuckDB, run by the verifier
WITH repeated AS (
    SELECT identity FROM accepted GROUP BY identity HAVING count(*) > 1
    UNION
    SELECT identity FROM families
    UNION
    SELECT accepted.identity FROM accepted SEMI JOIN full_exports ON full_exports.seq = accepted.seq
),
arrived AS (
    SELECT seq, record_no, identity, content_fp, month, by_content, action, refers_to, version, milestone_id, user_id,
        false AS mentions
    FROM accepted
    UNION ALL
    SELECT seq, record_no, identity, NULL, '', false, NULL, NULL, NULL, NULL, NULL, true FROM mentions
)
SELECT
    coalesce(families.family, arrived.identity) AS together, arrived.identity, arrived.seq, landings.first_seq,
    landings.generation, arrived.record_no, arrived.content_fp, arrived.month, arrived.by_content, arrived.action, arrived.refers_to, arrived.version,
    nullif(
        concat_ws(
            ';',
            CASE WHEN refused_milestones.name IS NOT NULL THEN 'UNKNOWN_MILESTONE:milestone_id' END,
            CASE WHEN refused_users.name IS NOT NULL THEN 'UNKNOWN_USER:user_id' END
        ),
        ''
    ) AS refused,
    arrived.mentions
FROM arrived
SEMI JOIN repeated ON repeated.identity = arrived.identity
JOIN landings ON landings.seq = arrived.seq
LEFT JOIN families ON families.identity = arrived.identity
LEFT JOIN refused_milestones
    ON refused_milestones.seq = arrived.seq AND refused_milestones.name = arrived.milestone_id
LEFT JOIN refused_users ON refused_users.seq = arrived.seq AND refused_users.name = arrived.user_id
ORDER BY together, arrived.seq, arrived.record_no
