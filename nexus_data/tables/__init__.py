"""The canonical tables, each declared once in a file of its own; engines derive their schemas from these."""

from nexus_data.tables.access import ASSIGNMENTS, CREDENTIALS, REFRESH_TOKENS
from nexus_data.tables.alerts import ALERT_DELIVERIES, ALERTS
from nexus_data.tables.background_tasks import BACKGROUND_TASK_CHANGES, BACKGROUND_TASKS
from nexus_data.tables.changes import CHANGES
from nexus_data.tables.frenly_ai_tasks import FRENLY_AI_TASKS
from nexus_data.tables.history import (
    RELEASED_FILES,
    REVISIONS,
    SIGHTINGS,
    SNAPSHOT_VERSIONS,
    SUPERSEDED_OPERATIONS,
    SUPERSEDED_ROWS,
)
from nexus_data.tables.ledger import FILES, GENERATIONS, LEDGER
from nexus_data.tables.projects import PROJECT_MILESTONES, PROJECTS
from nexus_data.tables.quarantine import CORRECTIONS, QUARANTINE
from nexus_data.tables.reports import REPORTS
from nexus_data.tables.trading_operations import TRADING_OPERATIONS
from nexus_data.tables.upkeep import CLEANUPS, DUTIES, HOLDS, SIZES, VERIFICATIONS
from nexus_data.tables.users import USER_ACCOUNTS, USERS

CANONICAL = {
    table.name: table
    for table in (USERS, USER_ACCOUNTS, PROJECTS, PROJECT_MILESTONES, TRADING_OPERATIONS, FRENLY_AI_TASKS)
}
"""The tables that records go to, in the order in which they depend on each other."""

EVIDENCE = {table.name: table for table in (FILES, LEDGER, QUARANTINE, CORRECTIONS, GENERATIONS)}
"""The tables that prove it."""

HISTORY = {table.name: table for table in (SUPERSEDED_OPERATIONS, SUPERSEDED_ROWS, RELEASED_FILES)}
"""The tables that keep what was published or held before."""

UPKEEP = {table.name: table for table in (HOLDS, VERIFICATIONS, CLEANUPS, SIZES, DUTIES, ALERTS, ALERT_DELIVERIES)}
"""The tables by which the installation runs itself."""

ACCESS = {table.name: table for table in (CREDENTIALS, ASSIGNMENTS, REFRESH_TOKENS)}
"""The tables that say who may come in and see whose data: no file and no run ever writes them."""

PLATFORM = {table.name: table for table in (BACKGROUND_TASKS, BACKGROUND_TASK_CHANGES, CHANGES, REPORTS)}
"""The tables for those who use the platform: what they asked for, and what is news to them."""

_BESIDE = (SUPERSEDED_OPERATIONS, REVISIONS, SIGHTINGS, SNAPSHOT_VERSIONS)
LAKE = {**CANONICAL, **{table.name: table for table in _BESIDE}}
"""The tables of the lake."""
