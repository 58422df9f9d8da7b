"""Reads of feeds, deposits and runs."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role

if TYPE_CHECKING:
    from raccord.detection.models import Deposit, Feed, Run  # noqa: F401 - named in quotes below

#: Those who may deposit for their own school.
OF_SCHOOL = frozenset({Role.HEAD, Role.SECRETARIAT})


def administered(actor: Actor | None) -> set[str]:
    """Académies whose registers this person looks after."""
    if actor is None:
        return set()
    return {
        m.structure.academie_id
        for m in actor.memberships
        if m.role == Role.TERRITORY_ADMIN and m.structure.academie_id
    }


def own_schools(actor: Actor | None) -> set[int]:
    """Schools whose register this person deposits."""
    if actor is None:
        return set()
    return {m.structure_id for m in actor.memberships if m.role in OF_SCHOOL}


class FeedQuerySet(models.QuerySet["Feed"]):
    """Scopes of feeds."""

    def visible_to(self, actor: Actor | None) -> "FeedQuerySet":
        """The territory's for who administers it; their own school's for a head."""
        return self.filter(
            Q(academie__in=administered(actor)) | Q(structure__in=own_schools(actor))
        )


class DepositQuerySet(models.QuerySet["Deposit"]):
    """Scopes of deposits."""

    def visible_to(self, actor: Actor | None) -> "DepositQuerySet":
        """Those of the feeds one sees."""
        return self.filter(
            Q(academie__in=administered(actor)) | Q(feed__structure__in=own_schools(actor))
        )

    def accepted(self) -> "DepositQuerySet":
        """Those whose reading is kept and believed."""
        return self.filter(status="accepted")


class RunQuerySet(models.QuerySet["Run"]):
    """Scopes of runs."""

    def visible_to(self, actor: Actor | None) -> "RunQuerySet":
        """Those of the territories one administers."""
        return self.filter(academie__in=administered(actor))
