"""Generations that were made of nothing new and that nothing names: nights whose marts were told again."""

from collections.abc import Iterator
from datetime import UTC, datetime

from psycopg import sql

from nexus_data.cleanup.kinds import Candidate, Work
from nexus_data.cleanup.outgoing import ASKED_FOR
from nexus_data.cleanup.regenerable import Unseen
from nexus_data.postgres.connect import connection
from nexus_data.sql import query


class Generations(Unseen):
    """Their rows. Those that the ledger, a change, quarantine or a report names stay, and the newest ones."""

    name = "generations"

    def find(self, work: Work) -> Iterator[Candidate]:
        """All of it as one thing, up to the last that may go."""
        age = work.settings.retention.generations
        if age is None:
            return
        before = datetime.combine(age.before(work.now.date()), datetime.min.time(), UTC)
        with connection(work.services.postgres_url) as database:
            row = database.execute(_statement("cleanup/generations"), {"before": before, "kept": ASKED_FOR}).fetchone()
        if row and row[1]:
            why = f"made more than {age} ago of nothing new, and named by nothing"
            yield Candidate(self.name, f"up to generation {row[0]}", row[1], 0, why)

    def drop(self, work: Work, item: str) -> None:
        """Delete the rows."""
        with connection(work.services.postgres_url) as database:
            database.execute(_statement("cleanup/generations_delete"), {"generation": int(item.rpartition(" ")[2])})


def _statement(name: str) -> sql.Composed:
    return sql.SQL(query(name)).format(of_nothing=sql.SQL(query("cleanup/generations_of_nothing")))
