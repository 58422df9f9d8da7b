"""A report, a possible duplicate and the decision kept, a merge that can be taken apart."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from raccord.followup.identifiers import new_id
from raccord.followup.models.cases import Case
from raccord.followup.models.persons import Person
from raccord.territory.choices import one_of
from raccord.territory.models import Structure


class HowMet(models.TextChoices):
    """How an operator came to know of a young person."""

    WALK_IN = "walk_in", "venu de lui-même"
    TRAINING = "training", "ne vient plus en formation"
    CONTRACT = "contract", "contrat rompu ou non trouvé"
    PARTNER = "partner", "signalé par un partenaire"
    STREET = "street", "rencontré sur le terrain"


class Report(models.Model):
    """A training body, a mission locale or a youth worker says that somebody needs help."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="reports")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    how = models.CharField("comment", max_length=12, choices=HowMet)
    #: Joined a case that existed, or opened one.
    joined = models.BooleanField(default=False)

    class Meta:
        verbose_name = "signalement"
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            one_of("how", HowMet),
        ]
        indexes: ClassVar = [models.Index(fields=["case"], name="report_of_case")]


class PairStatus(models.TextChoices):
    """What was decided of two files."""

    OPEN = "open", "à décider"
    SAME = "same", "une seule personne"
    DIFFERENT = "different", "deux personnes"


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class PossibleDuplicate(models.Model):
    """Two files that look like one young person; what was decided is kept, and not asked again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: The smaller identifier first, so that a pair is stored once.
    one = models.ForeignKey(Person, models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, models.CASCADE, related_name="+")
    probability = models.FloatField()
    found_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=PairStatus, default=PairStatus.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "doublon possible"
        ordering: ClassVar = ["-probability", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "other"], name="pair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="pair_in_order"),
            one_of("status", PairStatus),
            models.CheckConstraint(
                condition=Q(status=PairStatus.OPEN, decided_at__isnull=True)
                | ~Q(status=PairStatus.OPEN) & Q(decided_at__isnull=False),
                name="pair_decision_dated",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["other"], name="pair_other")]


class Merge(models.Model):
    """Two files made one: every value that was changed, so that it can be put back to the byte."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kept = models.ForeignKey(Person, models.CASCADE, related_name="+")
    absorbed = models.ForeignKey(Person, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    #: [table, key, {column: former value}] of each row changed, and [table, key] of each added.
    changed = models.JSONField(default=list)
    added = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "réunion de deux dossiers"
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_of_two"),
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at__isnull=True), name="merge_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kept"], name="merge_kept")]
