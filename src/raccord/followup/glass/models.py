"""An opening of a file that is not in one's scope."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from raccord.followup.identifiers import new_id
from raccord.followup.models.cases import Case
from raccord.territory.models import Academie, Structure

#: How long the file stays open.
LASTS = timedelta(hours=3)


def ends() -> datetime:
    """When an opening made now ends."""
    return timezone.now() + LASTS


class BeyondSearch(models.Model):
    """One search beyond one's own scope: counted, never with the name that was typed.

    Written by `raccord_search_beyond` and by nothing else; an opening starts from here only.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    #: What it found, and who carried it then.
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="beyond_searches")
    holder = models.ForeignKey(Structure, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "recherche hors périmètre"
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["user", "at"], name="beyond_search_of_user")]


class Opening(models.Model):
    """Somebody opened a file that is not theirs, and said why. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="openings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    #: Who it was then, and for whom.
    author = models.CharField(max_length=200)
    structure = models.ForeignKey(Structure, models.SET_NULL, null=True, related_name="+")
    #: Of the case: whose DPO examines it.
    academie = models.ForeignKey(Academie, models.PROTECT, related_name="+")
    reason = models.CharField("raison", max_length=280)
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(default=ends)

    class Meta:
        verbose_name = "bris de glace"
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__gt=F("at")) & Q(until__lte=F("at") + timedelta(hours=3)),
                name="opening_lasts_three_hours",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="opening_says_why"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "until"], name="opening_of_user"),
            models.Index(fields=["case"], name="opening_of_case"),
        ]
