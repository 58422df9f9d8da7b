"""What other registers say: who could be the same, where somebody was found, what was read."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from raccord.followup.models.cases import Case, Departure
from raccord.territory.choices import one_of
from raccord.territory.models import Academie, Structure


class Candidate(models.Model):
    """An enrolment elsewhere that could be the same young person, the nearest first.

    Of somebody else's pupil a school sees name, birth date and establishment, and no more.
    """

    departure = models.ForeignKey(Departure, models.CASCADE, related_name="candidates")
    case = models.ForeignKey(Case, models.CASCADE, related_name="candidates")
    rank = models.PositiveSmallIntegerField()
    source = models.CharField("base", max_length=60)
    uai = models.CharField(max_length=8, blank=True)
    structure = models.ForeignKey(Structure, models.SET_NULL, null=True, related_name="+")
    local_id = models.CharField(max_length=60)
    last_name = models.CharField("nom", max_length=100)
    usage_name = models.CharField(max_length=100, blank=True)
    first_name = models.CharField("prénom", max_length=100)
    birth_date = models.DateField(null=True)
    probability = models.FloatField(null=True)
    agree = ArrayField(models.CharField(max_length=30), default=list)
    close = ArrayField(models.CharField(max_length=30), default=list)
    differ = ArrayField(models.CharField(max_length=30), default=list)
    kept_apart = ArrayField(models.CharField(max_length=30), default=list)
    #: What a human said of the pair: binds the following nights.
    said = models.CharField(
        max_length=5, blank=True, choices=[("same", "c’est lui"), ("other", "ce n’est pas lui")]
    )

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["departure", "source", "uai", "local_id"], name="candidate_once"
            ),
            one_of("said", ["same", "other"], blank=True),
        ]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Destination(models.Model):
    """Where a young person is, seen in a register or declared. Apart from the case: a protected
    schooling hides this row, in the database too; no place is written anywhere else."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="destination")
    source = models.CharField("base", max_length=60, blank=True)
    uai = models.CharField(max_length=8, blank=True)
    structure = models.ForeignKey(Structure, models.SET_NULL, null=True, related_name="+")
    local_id = models.CharField(max_length=60, blank=True)
    place = models.CharField("lieu", max_length=160, blank=True)
    seen_on = models.DateField("vu le")
    matched_by = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name = "lieu de scolarisation"


class RegisterState(models.Model):
    """The age of a register that was, or was not, searched: shown wherever a list is."""

    academie = models.ForeignKey(Academie, models.CASCADE, related_name="registers")
    feed_id = models.BigIntegerField(null=True)
    label = models.CharField("base", max_length=160)
    structure = models.ForeignKey(Structure, models.CASCADE, null=True, related_name="+")
    nature = models.CharField(max_length=16, default="inscription")
    pupils = models.PositiveIntegerField(null=True)
    read_on = models.DateField("lue le", null=True)
    expected_every = models.PositiveSmallIntegerField("attendue tous les (jours)", default=1)
    #: A French sentence when it was set aside or is missing.
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["feed_id"], condition=Q(feed_id__isnull=False), name="register_state_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["academie", "read_on"])]


class Comparison(models.Model):
    """When the registers of a territory were last compared: the first line of every list."""

    academie = models.OneToOneField(
        Academie, models.CASCADE, primary_key=True, related_name="comparison"
    )
    finished_at = models.DateTimeField("comparée le")
    next_at = models.DateTimeField("prochaine comparaison", null=True)

    class Meta:
        verbose_name = "dernière comparaison"


class Tally(models.Model):
    """How many left a school this year, and how many were found without a call: figures only."""

    structure = models.ForeignKey(Structure, models.CASCADE, related_name="tallies")
    school_year = models.PositiveSmallIntegerField("année")
    leavers = models.PositiveIntegerField("sorties")
    found = models.PositiveIntegerField("retrouvées sans un appel")
    as_of = models.DateField("au")

    class Meta:
        verbose_name = "compte des sorties"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["structure", "school_year"], name="tally_once"),
            models.CheckConstraint(
                condition=Q(found__lte=models.F("leavers")), name="tally_found_among_leavers"
            ),
        ]
