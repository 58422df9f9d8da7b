"""Reads of cases. `visible_to` is the only door to one."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.expressions import RawSQL

from raccord.accounts.actors import Actor

if TYPE_CHECKING:
    from raccord.followup.models import Case  # noqa: F401 - named in quotes below


class CaseQuerySet(models.QuerySet["Case"]):
    """Scopes of cases."""

    def visible_to(self, actor: Actor | None) -> "CaseQuerySet":
        """The cases that this person may see today, whatever the reason.

        The rule is the SQL function `raccord_visible_cases` (sql/rights.sql), which row-level
        security asks too: there is one rule, and two places where nothing passes without it.
        """
        if actor is None:
            return self.none()
        rule = RawSQL("SELECT raccord_visible_cases(%s)", [actor.user.pk])
        return self.filter(pk__in=rule)

    def open(self) -> "CaseQuerySet":
        """Those that are not closed."""
        return self.exclude(status="closed")

    def held_by(self, structures: Any) -> "CaseQuerySet":
        """Those carried by one of these structures."""
        return self.filter(holder__in=structures)
