"""Drafts the revision that a changed declaration needs: `python -m nexus_data.postgres.draft "Add a column"`.

For developers; nothing of the product imports this. Read what it writes: Alembic does not see changed checks or
collations, which the tests that compare the migrated database with the declaration do.
"""

import sys
import tempfile
from pathlib import Path
from typing import cast

from alembic import command
from alembic.script import Script, ScriptDirectory

from nexus_data.postgres.connect import engine
from nexus_data.postgres.migrate import MIGRATIONS, config, migrate
from nexus_data.services import running
from nexus_data.settings import Settings


def draft(url: str, *, message: str, folder: Path = MIGRATIONS / "versions") -> Path:
    """Migrate the empty database at `url` and write what the declarations have beyond it into `folder`, a revision.

    Raises ServiceError like `migrate`.
    """
    migrate(url)
    settings = config()
    folders = dict.fromkeys(map(str, (MIGRATIONS / "versions", folder)))
    settings.set_main_option("version_locations", "\n".join(folders).replace("%", "%%"))
    head = ScriptDirectory.from_config(settings).get_current_head()
    database = engine(url)
    try:
        with database.begin() as connection:
            settings.attributes["connection"] = connection
            number = f"{int(head or 0) + 1:04d}"
            script = command.revision(settings, message, autogenerate=True, rev_id=number, version_path=str(folder))
    finally:
        database.dispose()
    return Path(cast(Script, script).path)


def main() -> None:
    """Draft against an embedded server of its own, so that no database of anybody matters."""
    with tempfile.TemporaryDirectory(prefix="nexus-") as home:
        Path(home).chmod(0o755)
        with running(Settings(home=Path(home))) as services:
            draft(services.postgres_url, message=" ".join(sys.argv[1:]) or "Changed tables")


if __name__ == "__main__":
    main()
