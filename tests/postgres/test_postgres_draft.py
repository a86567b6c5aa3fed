"""A developer who changes a declaration gets the revision that it needs."""

from pathlib import Path

from nexus_data.postgres.connect import connection
from nexus_data.postgres.draft import draft
from nexus_data.postgres.migrate import MIGRATIONS
from nexus_data.postgres.partitions import attach_build, create_build, index_build


def test_nothing_changed_drafts_an_empty_revision(database_url: str, tmp_path: Path) -> None:
    path = draft(database_url, message="Nothing", folder=tmp_path)
    newest = max(int(found.name[1:5]) for found in (MIGRATIONS / "versions").glob("v*.py"))
    assert path == tmp_path / f"v{newest + 1:04d}_nothing.py"
    assert "def upgrade() -> None:\n    # ###" in path.read_text()
    assert "op." not in path.read_text()


def test_what_the_database_lacks_is_drafted(database_url: str, tmp_path: Path) -> None:
    with connection(database_url) as database:
        database.execute("ALTER TABLE users DROP COLUMN display_name")
        database.execute("DROP INDEX trading_operations_milestone_id_idx")
        build = create_build(database, "2024-03", run_id="run")
        index_build(database, build)
        attach_build(database, build, "2024-03")
    text = draft(database_url, message="Back again", folder=tmp_path).read_text()
    assert "op.add_column" in text
    assert "display_name" in text
    assert "trading_operations_milestone_id_idx" in text
    assert "2024_03" not in text
    compile(text, "draft", "exec")
