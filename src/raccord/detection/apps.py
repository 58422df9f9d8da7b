"""Feeds, deposits, the nightly run; turns verdicts into cases."""

from django.apps import AppConfig


class DetectionConfig(AppConfig):
    """The room `detection`."""

    name = "raccord.detection"
    label = "detection"
    verbose_name = "Repérage"
