"""The third step: what is new goes to the lake; what is there already, or contradicts it, is counted and named."""

from nexus_data.deduplicate.step import deduplicate

__all__ = ["deduplicate"]
