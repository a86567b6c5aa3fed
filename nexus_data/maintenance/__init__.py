"""Maintenance: statistics, vacuuming, small lake files put together, sizes over time, a look at the indexes."""

from nexus_data.maintenance.step import maintain

__all__ = ["maintain"]
