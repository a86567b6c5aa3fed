"""Facts to a report: which sections there are, in which order, and what stands at the top."""

from nexus_data.report import holdings, measures, money, quality
from nexus_data.report.document import Report
from nexus_data.report.facts import Facts


def compose(facts: Facts) -> Report:
    """The report that these facts make."""
    return Report(
        whose=_whose(facts),
        detail=_detail(facts),
        period=facts.period.label,
        days=(facts.period.first, facts.period.last),
        generation=facts.generation,
        published_at=facts.published_at,
        cards=money.cards(facts),
        sections=(
            money.section(facts),
            holdings.positions(facts),
            holdings.projects(facts),
            holdings.milestones(facts),
            quality.sources(facts),
            measures.section(facts),
            quality.rejected(facts),
        ),
    )


def _whose(facts: Facts) -> str:
    if facts.subject.role is not None:
        return f"All users with the role {facts.subject.role.replace('_', ' ')}"
    user = facts.users[0]
    return str(user["display_name"] or user["user_id"])


def _detail(facts: Facts) -> str:
    if facts.subject.role is not None:
        return f"{len(facts.users):,} users"
    user = facts.users[0]
    role = user["role"].replace("_", " ") if user["role"] else "no role known"
    return f"{user['user_id']} · {role}"
