"""The canonical tables, the evidence tables and the schema of the marts, as the first release had them."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    # no_parameters: the statements go to the server in one piece, and a % in a comment stays a %.
    op.get_bind().exec_driver_sql(statements, execution_options={"no_parameters": True})
