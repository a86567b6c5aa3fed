"""No float in any path of money: declarations, files, tables, marts, documents, and the code between them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from litestar.testing import TestClient
from redis import Redis

from nexus_data import lake
from nexus_data.api.app import create_app
from nexus_data.landing import discover
from nexus_data.marts import compute
from nexus_data.pipeline import run_all
from nexus_data.postgres.connect import connection
from nexus_data.postgres.metadata import metadata
from nexus_data.settings import Settings
from nexus_data.sql import ROOT
from nexus_data.tables import CANONICAL, EVIDENCE
from nexus_data.tables.polars_schema import schema
from nexus_data.tokens import issue
from tests.crash.scenes import FIRST, write
from tests.exactness.allowed import OUTSIDE, PYTHON, SQL
from tests.exactness.floats import in_python, in_sql, modules
from tests.exactness.installation import Home

_REPOSITORY = ROOT.parent
_FLOATS_OF_POSTGRES = ("real", "double precision", "money")


def test_no_declared_column_is_a_float() -> None:
    declared = {**CANONICAL, **EVIDENCE}
    assert not [f"{name}.{column}" for name in declared for column in _floats(schema(declared[name]))]
    assert not [f"{name}.{column}" for name, table in CANONICAL.items() for column in _floats(lake.lake_schema(table))]
    types = {column: str(column.type) for table in metadata().tables.values() for column in table.columns}
    assert not [column for column, kind in types.items() if kind.lower() in ("float", *_FLOATS_OF_POSTGRES)]


def _floats(columns: pl.Schema) -> list[str]:
    return [name for name, kind in columns.items() if kind.is_float()]


def test_the_library_uses_no_float_but_where_a_reason_is_given() -> None:
    found = {
        one
        for name, source in modules(_REPOSITORY, "nexus_data")
        if not name.startswith(tuple(OUTSIDE))
        for one in in_python(source, name=name.removeprefix("nexus_data/"))
    }
    places = {one.where.removesuffix(":") for one in found}
    strange = [one for one in sorted(found) if one.where.removesuffix(":") not in PYTHON]
    assert not strange, "make these exact, or name them with a reason in tests/exactness/allowed.py"
    assert not PYTHON.keys() - places, "these reasons are for nothing any more"


def test_no_statement_makes_a_float() -> None:
    statements = sorted((_REPOSITORY / "sql").rglob("*.sql"))
    names = {path: path.relative_to(_REPOSITORY).as_posix() for path in statements}
    found = [one for path, name in names.items() for one in in_sql(path.read_text(encoding="utf-8"), name=name)]
    assert not [one for one in found if one.where not in SQL]
    assert not SQL.keys() - {one.where for one in found}, "these reasons are for nothing any more"


@pytest.mark.parametrize(
    "source",
    [
        "total = float(amount)",
        "frame.with_columns(pl.col('amount').cast(pl.Float64))",
        "frame['amount'].cast(pl.Float32())",
        "def share(amount: float) -> None: ...",
        "price = 0.01",
        "np.dtype('float64')",
        "value = json.loads(text)",
        "pa.float64()",
        "frame['amount'].mean()",
    ],
)
def test_a_float_in_code_would_be_found(source: str) -> None:
    assert in_python(source, name="x.py")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT amount::double precision FROM t",
        "SELECT CAST(amount AS DOUBLE) FROM t",
        "SELECT amount / 2 FROM t",
        "SELECT avg(amount) FROM t",
        "SELECT amount * 1e2 FROM t",
        "SELECT CAST(amount AS real) FROM t",
        "SELECT sqrt(amount) FROM t",
    ],
)
def test_a_float_in_a_statement_would_be_found(statement: str) -> None:
    assert in_sql(statement, name="x.sql")


@pytest.fixture(scope="module")
def published(installed: Home) -> Iterator[Settings]:
    """A run over every table."""
    with installed() as settings:
        write(settings.home / "files")
        run_all(settings, discover(settings, [settings.home / "files" / name for name in FIRST.files], user="u1"))
        yield settings


def test_no_file_of_the_lake_has_a_float(published: Settings) -> None:
    files = [path for name in CANONICAL for path in lake.files(published.home, name)]
    kinds = {str(field.type) for path in files for field in pq.read_schema(path)}
    assert any(kind.startswith("decimal128(38, 18") for kind in kinds)
    assert not [kind for kind in kinds if kind in ("float", "double", "halffloat")]
    tables = [DeltaTable(lake.table_path(published.home, name).as_uri()) for name in lake.versions(published.home)]
    assert not [table for table in tables for text in ('"float"', '"double"') if text in table.schema().to_json()]


def test_no_table_of_postgres_has_a_float(published: Settings) -> None:
    statement = """
        SELECT table_schema, table_name, column_name, data_type
        FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema IN ('public', 'marts') AND table_type = 'BASE TABLE'
    """
    with connection(str(published.postgres_url)) as database:
        columns = database.execute(statement).fetchall()
    assert {"public", "marts"} == {schema for schema, *_ in columns}
    assert not [column for column in columns if column[3] in _FLOATS_OF_POSTGRES]


def test_no_mart_file_has_a_float(tmp_path: Path) -> None:
    done = compute({}, evidence={}, out=tmp_path)
    assert not [f"{mart.name}.{name}" for mart in done for name in _floats(pl.Schema(pl.read_ipc_schema(mart.path)))]


def test_no_document_has_a_number_that_is_not_whole(published: Settings) -> None:
    headers = {"Authorization": f"Bearer {issue(published, 'u1', lifetime=timedelta(minutes=5))}"}
    with TestClient(create_app(published)) as client:
        served = [
            client.get(path, headers=headers).content
            for path in ("/api/v3/projects/dashboard", "/api/v3/trading-operations?limit=50")
        ]
    with Redis.from_url(str(published.redis_url)) as cache:
        kept = [cache.get(key) for key in cache.scan_iter(_type="string")]
    assert len(kept) > 2
    for document in [*served, *kept]:
        assert isinstance(document, bytes)
        json.loads(document, parse_float=_refuse, parse_constant=_refuse)


def _refuse(number: str) -> NoReturn:
    raise AssertionError(f"{number} would be read as a float: give it as text")


def test_numbers_of_json_files_are_read_as_they_stand(installed: Home, tmp_path: Path) -> None:
    long = "123456789012345.123456789012345678"
    row: dict[str, Any] = {"exec_id": "J1", "transact_time": "2024-05-01T10:00:00Z", "user_id": "u1", "type": "expense"}
    row |= {"category": "fee", "currency": "EUR", "amount": "AMOUNT"}
    path = tmp_path / "operations.jsonl"
    path.write_text(json.dumps(row).replace('"AMOUNT"', long) + "\n", encoding="utf-8")
    with installed() as settings:
        summary = run_all(settings, discover(settings, [path], user="u1"))
        with connection(str(settings.postgres_url)) as database:
            amounts = database.execute("SELECT amount::text FROM trading_operations").fetchall()
    assert (summary.outcomes[0].reason, amounts) == ("", [(long,)]), summary
