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
        from raccord.accounts.roles import Role  # noqa: PLC0415
        from raccord.privacy import security  # noqa: PLC0415
        from raccord.ui import navigation  # noqa: PLC0415

        database.guard("privacy", security.statements)
        navigation.add(
            70,
            "Partenaires",
            "privacy:partners",
            lambda actor: actor.has(Role.TERRITORY_ADMIN),
            about="Les accords signés, et ce qui peut partir chez chacun.",
        )
        navigation.add(
            80,
            "Journal des lectures",
            "privacy:log",
            lambda actor: actor.has(Role.DPO),
            about="Qui a lu quel dossier, et quand.",
        )
