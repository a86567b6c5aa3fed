"""How a published value is written in a trace: the same text whatever engine the value comes from."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID


def value_text(value: object) -> str | None:
    """Plain decimals without trailing zeros, ISO 8601 days and UTC instants, ids and JSON as text; None for null."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return str(UUID(bytes=value))
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
