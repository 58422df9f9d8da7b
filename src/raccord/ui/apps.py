"""Base templates, components, static files."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The room `ui`."""

    name = "raccord.ui"
    label = "ui"
    verbose_name = "Présentation"
