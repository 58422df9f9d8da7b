"""Users, memberships, sign-in, what an actor may see and do."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """The room `accounts`."""

    name = "raccord.accounts"
    label = "accounts"
    verbose_name = "Comptes et habilitations"

    def ready(self) -> None:
        """Rights in the database follow every migration; the menu has our pages."""
        from raccord.accounts import database, rights, security  # noqa: PLC0415 - models are ready
        from raccord.accounts.roles import SEES_NAMES  # noqa: PLC0415
        from raccord.ui import navigation  # noqa: PLC0415

        navigation.add(
            80, "Personnes habilitées", "accounts:people_home", lambda a: a.has(*SEES_NAMES)
        )
        navigation.add(
            90,
            "Territoire",
            "accounts:territory",
            lambda a: bool(rights.administered(a)),
            about="Les structures, leurs responsables et leurs invitations.",
        )

        database.guard("accounts", security.statements)
        post_migrate.connect(database.secure_after_migrations, dispatch_uid="raccord.secure")
