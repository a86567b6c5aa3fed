"""Raw texts of records that left quarantine: copies, which the kept files have. What waits there is not touched."""

from collections.abc import Iterator
from datetime import UTC, datetime

from nexus_data.cleanup.kinds import Candidate, Work
from nexus_data.cleanup.regenerable import Unseen
from nexus_data.postgres.connect import connection
from nexus_data.sql import query


class QuarantineTexts(Unseen):
    """The texts; the rows stay, with rules, fingerprints and what became of each."""

    name = "quarantine"

    def find(self, work: Work) -> Iterator[Candidate]:
        """All of it as one thing, up to the last generation that may go; texts under a hold are not among it."""
        age = work.settings.retention.quarantine
        if age is None:
            return
        before = datetime.combine(age.before(work.now.date()), datetime.min.time(), UTC)
        with connection(work.services.postgres_url) as database:
            row = database.execute(query("cleanup/quarantine"), {"before": before}).fetchone()
        if row and row[1]:
            generation, records, size, verified = row
            refused = "" if verified else "not verified since they left quarantine: `nexus verify` first"
            item = f"texts up to generation {generation}"
            yield Candidate(self.name, item, records, size, f"left quarantine more than {age} ago", refused)

    def drop(self, work: Work, item: str) -> None:
        """Empty the texts, in one statement."""
        with connection(work.services.postgres_url) as database:
            database.execute(query("cleanup/quarantine_texts"), {"generation": int(item.rpartition(" ")[2])})
