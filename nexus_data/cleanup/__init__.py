"""Cleanup: what retention lets go, and what stands in its way. Which tool calls it, and when, is not known here."""

from nexus_data.cleanup.step import clean, plan

__all__ = ["clean", "plan"]
