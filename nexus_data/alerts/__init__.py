"""What deserves somebody's attention: looked for, told once, told again when it is over.

A kind of alert is one function in `conditions.py` (and its statement in `sql/queries/alerts/`). Channels are
`nexus_data/notify.py`; what Dagster alone knows (failed runs, failed checks) is handed in as conditions.
"""
