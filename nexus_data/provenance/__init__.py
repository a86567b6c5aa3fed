"""From a published number down to the raw text: traces of single rows, and the rows behind the cells of the marts."""

from nexus_data.provenance.published import operation, row
from nexus_data.provenance.trace import trace

__all__ = ["operation", "row", "trace"]
