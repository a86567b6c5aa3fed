"""The Dagster code location and the command line. They schedule, show and report; the library computes."""
