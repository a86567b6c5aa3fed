"""Benchmarks: what the pipeline costs, beside the machine's floor and beside its peers. Nothing else imports it."""
