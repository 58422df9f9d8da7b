"""What is written about accounts and rights: actor first, one transaction each."""

from raccord.accounts.services.users import change_identity, disable_user

__all__ = ["change_identity", "disable_user"]
