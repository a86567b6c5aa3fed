"""`nexus user`: what it prints, and that a password comes by stdin and never by the command line."""

import json
import os
import subprocess
import sys

from nexus_data.passwords import matches
from nexus_data.postgres.connect import connection

_USERS = (
    "INSERT INTO users (user_id, email, status, primary_pov_role, source, file_id, record_no, row_fp) VALUES "
    "('ada', 'ada@example.org', 'active', 'judge', 'nexus', gen_random_uuid(), 1, 1), "
    "('bob', 'bob@example.org', 'active', NULL, 'nexus', gen_random_uuid(), 2, 2)"
)


def _nexus(settings, *words, stdin=""):
    given = {
        "NEXUS_HOME": str(settings.home),
        "NEXUS_POSTGRES_URL": str(settings.postgres_url),
        "NEXUS_REDIS_URL": str(settings.redis_url),
    }
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NEXUS_")}
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "user", *words],
        env={**environment, **given},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_person_gets_a_password_a_role_and_somebody_to_look_at(settings):
    with connection(settings.postgres_url) as database:
        database.execute(_USERS)
    done = _nexus(settings, "password", "ADA@example.org", stdin="correct horse battery\n")
    assert (done.returncode, "signs in" in done.stdout, "files propose judge" in done.stdout) == (0, True, True)
    assert "correct horse" not in done.stdout + done.stderr
    granted = json.loads(_nexus(settings, "role", "ada", "judge", "--json").stdout)
    assert (granted["role"], granted["may_sign_in"]) == ("judge", True)
    assert json.loads(_nexus(settings, "assign", "ada", "bob@example.org", "--json").stdout)["assigned"] == ["bob"]
    with connection(settings.postgres_url) as database:
        (kept,) = database.execute("SELECT password_hash FROM credentials").fetchone()
    assert matches(kept, "correct horse battery")
    short = _nexus(settings, "password", "ada", stdin="short\n")
    assert (short.returncode, "12 to 256 characters" in short.stderr) == (1, True)
