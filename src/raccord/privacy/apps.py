"""The access log, retention, the person's own rights."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """The room `privacy`."""

    name = "raccord.privacy"
    label = "privacy"
    verbose_name = "Vie privée"

    def ready(self) -> None:
        """Its guards, and its entries in the menu."""
        from raccord.accounts import database  # noqa: PLC0415 - models are ready only now
        from raccord.privacy import security  # noqa: PLC0415

        database.guard("privacy", security.statements)
