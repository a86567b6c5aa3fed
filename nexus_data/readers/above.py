"""What the rows above a header say of all records: an account, a currency. Where the header is, is known by then."""

import re
from collections.abc import Sequence
from dataclasses import replace

from nexus_data.contract.columns import ABOVE
from nexus_data.readers.layout import Layout


def with_facts(layout: Layout, rows: Sequence[Sequence[str]]) -> Layout:
    """The layout with a constant for each group of its expressions; of an expression that finds nothing, empty ones."""
    if not layout.above:
        return layout
    text = "\n".join("\t".join(cell.strip() for cell in row) for row in rows)
    found = (re.search(pattern, text, re.MULTILINE) for pattern in layout.above)
    facts = {ABOVE + name: value or "" for match in found if match for name, value in match.groupdict().items()}
    return replace(layout, constants={**layout.constants, **facts})
