"""Operations as they were published in between: what only later checks decide for good is decided here for a few users,
because what is known of a user depended on it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from nexus_data.sql import query
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from nexus_data.verify import engine as engines
from nexus_data.verify import operations
from nexus_data.verify.full_exports import FullExports
from nexus_data.verify.history import Landing
from nexus_data.verify.spill import accepted_path, mentions_path


def with_operations(
    users: Iterable[str],
    landings: Sequence[Landing],
    *,
    folder: Path,
    exports: FullExports,
    refused_users: Sequence[tuple[int, str]],
    refused_milestones: Sequence[tuple[int, str]],
) -> set[str]:
    """Those of the users who have a published operation after these landings, of which all others are later.

    An identity names its user, so that nothing depends on other users' operations.
    """
    wanted = sorted(set(users))
    if not wanted:
        return set()
    with engines.opened(folder, name="then") as engine:
        engines.put_landings(engine, landings)
        operations.refuse(engine, users=refused_users, milestones=refused_milestones)
        engines.accepted_view(
            engine, _there(accepted_path(folder, TRADING_OPERATIONS.name, one.seq) for one in landings)
        )
        engines.mentions_view(
            engine, _there(mentions_path(folder, TRADING_OPERATIONS.name, one.seq) for one in landings)
        )
        engine.execute("ALTER VIEW accepted RENAME TO accepted_of_all")
        engine.execute("CREATE TABLE wanted AS SELECT unnest(?) AS user_id", [wanted])
        engine.execute("CREATE TABLE accepted AS SELECT * FROM accepted_of_all SEMI JOIN wanted USING (user_id)")
        operations.decide(engine, exports)
        found = {str(user) for (user,) in engine.execute(query("verify/users_published")).fetchall()}
    (folder / "then.duckdb").unlink()
    return found


def _there(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.exists()]
