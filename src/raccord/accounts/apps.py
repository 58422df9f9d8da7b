"""Users, memberships, sign-in, what an actor may see and do."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """The room `accounts`."""

    name = "raccord.accounts"
    label = "accounts"
    verbose_name = "Comptes et habilitations"

    def ready(self) -> None:
        """Rights in the database follow every migration."""
        from raccord.accounts import database  # noqa: PLC0415 - settings are ready only now

        post_migrate.connect(database.secure_after_migrations, dispatch_uid="raccord.secure")
