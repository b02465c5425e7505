"""The page that adds up the takings."""

from django_gemafu.admin.takings.page import TakingsAdmin

__all__ = ["TakingsAdmin"]
