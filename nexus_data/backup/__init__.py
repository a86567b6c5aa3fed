"""A whole installation as one folder, and an installation from it again.

In it: Postgres, kept files, lake, corrections, reports, uploads that a task waits to take in, settings. Not in it: what
is a secret (the signing key, sessions, URLs), what is made again (cache, servers, Dagster's history) and what has not
landed yet.
"""
