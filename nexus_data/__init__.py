"""NEXUS Data: messy trading and project files in, one provable ledger out. The library knows no Dagster."""
