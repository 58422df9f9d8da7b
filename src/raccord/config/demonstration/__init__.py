"""`raccord demo`: an invented territory, a night played before your eyes, one account per role."""

from raccord.config.demonstration.show import show

__all__ = ["show"]
