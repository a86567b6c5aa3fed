"""What each publish changed, for whom: what readers who wait for news are told, however late they ask."""

from nexus_data.tables.model import Field, Index, Kind, Table

CHANGES = Table(
    name="changes",
    doc="One row per generation, user and canonical table of which rows of that user came or went.",
    key=("generation", "user_id", "table_name"),
    fields=(
        Field("generation", Kind.INTEGER, "The generation", required=True),
        Field("user_id", Kind.TEXT, "Whose rows; of milestones, their project's owner", required=True),
        Field("table_name", Kind.TEXT, "The canonical table", required=True),
        Field("published", Kind.INTEGER, "Rows that are new or newer", required=True, non_negative=True),
        Field("superseded", Kind.INTEGER, "Rows that are not published any more", required=True, non_negative=True),
        Field("first_day", Kind.DATE, "The first day of these operations; null in other tables"),
        Field("last_day", Kind.DATE, "The last one"),
    ),
    indexes=(Index(("user_id", "generation")),),
)
