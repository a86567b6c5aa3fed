"""The standardize kernel: a contract and a frame of raw texts in, canonical columns and outcomes out. Pure.

No file, database, environment or Dagster is known here, so that any engine may call it on any batch.
"""

from nexus_data.kernel.compile import compile_contract
from nexus_data.kernel.model import FileFacts, Kernel
from nexus_data.kernel.standardize import standardize

__all__ = ["FileFacts", "Kernel", "compile_contract", "standardize"]
