"""Académies, départements, basins, communes, and the structures of every kind."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    """The room `territory`."""

    name = "raccord.territory"
    label = "territory"
    verbose_name = "Territoire"
