"""The independent verifier: everything that is published, recomputed from the kept files by other code, and compared.

Nothing here imports the pipeline's readers, contracts, kernel, de-duplication or marts, so that a fault in one of them
cannot hide itself. What a contract's keys and the fingerprints mean is implemented from their descriptions.
"""

from nexus_data.verify.report import Check, Difference, Report
from nexus_data.verify.verifying import verify

__all__ = ["Check", "Difference", "Report", "verify"]
