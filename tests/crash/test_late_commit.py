"""A server carries out the COMMIT of a run that was killed meanwhile: the next run must not be faster."""

from os import kill
from signal import SIGKILL

from psycopg.sql import SQL

from nexus_data.postgres.connect import connection
from tests.crash.conftest import execute
from tests.crash.installations import Installation, Installations
from tests.crash.moments import Moment
from tests.crash.scenes import FIRST, SECOND
from tests.postgres.waiting import until

# A constraint that is checked at the commit, slowly.
_SLOW = (
    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NULL; END'",
    """CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON generations DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION slow()""",
)


def _commits(here: Installation) -> bool:
    with connection(here.services.postgres_url) as server:
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        return server.execute(asleep).fetchone() == (1,)


def test_a_run_that_is_killed_while_it_commits_is_waited_for(installations: Installations) -> None:
    moment = Moment("nexus_data.publish.operations.attach", "return")
    with installations.at(FIRST) as here:
        for statement in _SLOW:
            execute(here.services.postgres_url, SQL(statement))

        def end(process: int) -> None:
            until(lambda: _commits(here))
            kill(process, SIGKILL)

        ended = installations.zygote.carry_out(here.job(SECOND, moment=str(moment), act="tell"), meanwhile=end)
        again = installations.zygote.carry_out(here.job(SECOND))
        assert (ended.killed, again.error) == (True, None)
        expected = installations.after(FIRST, SECOND, SECOND).state
        assert here.state().differences(expected) == []
