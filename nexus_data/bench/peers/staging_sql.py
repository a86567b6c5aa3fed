"""Peer: COPY into an unlogged staging table of text, then one INSERT ... SELECT that cleans, then key and indexes."""

import json
import sys
from pathlib import Path

import psycopg

_HERE = Path(__file__).parent
_COLUMNS = (
    "exec_id, transact_time, user_id, account_id, type, category, amount, currency, side, symbol, security_id, "
    "last_qty, last_px, commission, commission_currency, venue, milestone_id, description"
)


def main(where: str, source: str) -> None:
    """Load, clean, index; print the rows."""
    with psycopg.connect(**json.loads(where)) as database:
        for statement in (_HERE / "staging_before.sql").read_text(encoding="utf-8").split(";"):
            database.execute(statement)
        copy = f"COPY staging ({_COLUMNS}) FROM STDIN (FORMAT csv, HEADER true)"
        with database.cursor() as cursor, Path(source).open("rb") as given, cursor.copy(copy) as target:
            while block := given.read(1 << 20):
                target.write(block)
        for statement in (_HERE / "staging_after.sql").read_text(encoding="utf-8").split(";"):
            database.execute(statement)
        row = database.execute("SELECT count(*) FROM operations").fetchone()
    sys.stdout.write(f"{row[0] if row else 0}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
