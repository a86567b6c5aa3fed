"""Seeded, realistic, messy input whose outcome is known: the generator writes the expected ledger beside the files.

Nothing in here may import the readers, the contracts, the kernel or a step of the pipeline to find out what it expects:
what becomes of a record is decided when it is written, by the written rules alone, so that the two can disagree.
"""

from nexus_data.generate.bulk import bulk
from nexus_data.generate.dataset import generate
from nexus_data.generate.expected import Expectation, load

__all__ = ["Expectation", "bulk", "generate", "load"]
