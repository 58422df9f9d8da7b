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
    """Somebody opened a file that is not theirs, and said why. Append-only, but for what its DPO
    writes once after examining it (`raccord_examine_opening`)."""

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
    examined_at = models.DateTimeField("examinée le", null=True)
    examined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    #: Who it was then, like `author`.
    examiner = models.CharField(max_length=200, blank=True)
    examined_note = models.CharField("ce que le délégué en dit", max_length=280, blank=True)

    class Meta:
        verbose_name = "bris de glace"
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__gt=F("at")) & Q(until__lte=F("at") + timedelta(hours=3)),
                name="opening_lasts_three_hours",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="opening_says_why"),
            models.CheckConstraint(
                condition=Q(examined_at__isnull=True, examiner="", examined_note="")
                | Q(examined_at__isnull=False) & ~Q(examiner="") & ~Q(examined_note=""),
                name="opening_examined_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "until"], name="opening_of_user"),
            models.Index(fields=["case"], name="opening_of_case"),
        ]
