"""Contracts: how a kind of source file reads. The data is in `nexus_data/contracts`; here is what understands it."""
