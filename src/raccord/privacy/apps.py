"""The access log, retention, the person's own rights."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """The room `privacy`."""

    name = "raccord.privacy"
    label = "privacy"
    verbose_name = "Vie privée"
