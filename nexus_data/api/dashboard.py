"""The question behind the dashboard: one user's document of the current generation. HTTP is elsewhere."""

import msgspec

from nexus_data.api.answer import NOTHING_YET, Answer, Generation, Subject
from nexus_data.api.documents import Dashboard
from nexus_data.api.layers import Made, Question, answered
from nexus_data.api.statements import rows
from nexus_data.api.stores import Stores


async def dashboard(stores: Stores, *, user_id: str) -> Answer:
    """The user's dashboard; an empty one when the user has no data, or nothing has been published yet.

    psycopg.OperationalError when Postgres does not answer.
    """
    # The key is that of nexus_data.cache, which writes the documents of a publish ahead.
    return await answered(stores, Question(Subject("dashboard", user_id), lambda: _made(stores, user_id)))


async def _made(stores: Stores, user_id: str) -> Made:
    """From one statement, so one snapshot: the document says itself which generation it shows."""
    found = await rows(stores, "cache/project_dashboard", {"user_ids": [user_id]})
    if not found:
        return Made(msgspec.json.encode(Dashboard(user_id=user_id)), NOTHING_YET)
    _, number, run_id, text = found[0]
    return Made(text.encode(), Generation(number, run_id))
