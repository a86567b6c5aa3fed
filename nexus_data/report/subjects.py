"""Whose reports the schedule writes: what NEXUS_REPORT_SUBJECTS names, as there are users and roles."""

import psycopg
from psycopg.rows import dict_row

from nexus_data.postgres.connect import connection
from nexus_data.provenance.asking import Row
from nexus_data.report.facts import Subject
from nexus_data.report.period import Period
from nexus_data.settings import Settings
from nexus_data.sql import query


def named(settings: Settings, url: str, period: Period) -> tuple[Subject, ...]:
    """Whom NEXUS_REPORT_SUBJECTS names: `roles` are all that users have, `users` all to whom something happened."""
    values = {"first_day": period.first, "last_day": period.last}
    with connection(url) as database, database.cursor(row_factory=dict_row) as cursor:
        try:
            found = cursor.execute(query("report/subjects"), values).fetchall()
        except psycopg.errors.UndefinedTable:  # before the first publish there are no marts
            return ()
    return tuple(subject for text in settings.report_subjects for subject in _subjects(text, found))


def _subjects(text: str, found: list[Row]) -> list[Subject]:
    kind, _, name = text.partition(":")
    if name:
        return [Subject(user_id=name) if kind == "user" else Subject(role=name)]
    of_kind = [row["name"] for row in found if f"{row['kind']}s" == kind]
    return [Subject(role=one) if kind == "roles" else Subject(user_id=one) for one in of_kind]
