"""`python -m pipelines.cli` is `nexus`: how one command starts another with the same interpreter."""

from pipelines.cli import main

main(prog_name="nexus")
