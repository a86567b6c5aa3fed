"""Whose a record is: its own user, else the file's, else the account's, else the default user."""

from collections.abc import Mapping

import polars as pl

from nexus_data.kernel.model import FileFacts, Reading
from nexus_data.kernel.rows import any_of
from nexus_data.tables.model import Table

_NAMING = ("users", "user_accounts")
"""Tables that say who exists: their user is the record's own or missing, never the one who landed the file."""


def owned(read: Mapping[str, Reading], *, table: Table, facts: FileFacts) -> Reading:
    """The reading of user_id with the gaps filled that the record leaves; a broken one stays broken."""
    own = read["user_id"]
    if table.name in _NAMING or not own.value.null_count():
        return own
    open_rows = own.value.is_null() & ~any_of(own.broken, like=own.value)
    if facts.user_id is not None:
        filled = pl.Series([facts.user_id], dtype=pl.String).new_from_index(0, own.value.len())
    else:
        filled = _by_account(read, facts, own.value.len()).fill_null(facts.default_user)
    return Reading(filled.zip_with(open_rows, own.value), own.broken)


def _by_account(read: Mapping[str, Reading], facts: FileFacts, length: int) -> pl.Series:
    """The owner of each row's account, null where nobody is known to own it."""
    if "account_id" not in read or not facts.accounts.height:
        return pl.Series([None], dtype=pl.String).new_from_index(0, length)
    owners = facts.accounts.unique("account_id", keep="last", maintain_order=True)
    accounts = read["account_id"].value.alias("account_id").to_frame()
    return accounts.join(owners, on="account_id", how="left", maintain_order="left")["user_id"]
