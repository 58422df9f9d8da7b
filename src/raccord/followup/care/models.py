"""Interviews, recommendations, mandates, proposals, vacant places and what became of somebody."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from raccord.followup.care.vocabulary import (
    MandateResult,
    MandateStatus,
    Obstacle,
    Project,
    ProposalStatus,
    ReviewStatus,
    Schooling,
    SolutionKind,
    Wish,
)
from raccord.followup.identifiers import new_id
from raccord.followup.models.cases import Case
from raccord.followup.vocabulary import SituationKind
from raccord.territory.choices import one_of
from raccord.territory.models import Academie, Commune, Structure


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Interview(models.Model):
    """Entretien de situation: short, from lists. The school of origin does not read it, nor does a
    secretariat (`security`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="interviews")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    on = models.DateField("le", default=timezone.localdate)
    schooling = models.CharField("scolarité", max_length=16, choices=Schooling)
    project = models.CharField("projet", max_length=8, choices=Project)
    course = models.CharField("formation ou métier visé", max_length=120, blank=True)
    wishes = ArrayField(
        models.CharField(max_length=16, choices=Wish), verbose_name="souhaits", default=list
    )
    obstacles = ArrayField(
        models.CharField(max_length=16, choices=Obstacle), verbose_name="freins", default=list
    )
    note = models.CharField("un mot", max_length=280, blank=True)

    class Meta:
        verbose_name = "entretien de situation"
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            one_of("schooling", Schooling),
            one_of("project", Project),
            models.CheckConstraint(
                condition=Q(wishes__contained_by=Wish.values)
                & Q(obstacles__contained_by=Obstacle.values),
                name="interview_words_known",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-on"], name="interview_of_case")]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Recommendation(models.Model):
    """Préconisation of the support group: one line from the list."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="recommendations")
    structure = models.ForeignKey(
        Structure, models.PROTECT, related_name="+", verbose_name="groupe d’appui"
    )
    kind = models.CharField("préconisation", max_length=24, choices=SolutionKind)
    course = models.CharField("formation visée", max_length=120, blank=True)
    note = models.CharField("un mot", max_length=280, blank=True)
    on = models.DateField("le", default=timezone.localdate)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "préconisation"
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            one_of("kind", SolutionKind),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-on"], name="recommendation_of_case")]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Mandate(models.Model):
    """A structure is asked to do something with somebody, and to report by a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="mandates")
    recommendation = models.ForeignKey(
        Recommendation, models.SET_NULL, null=True, related_name="mandates"
    )
    structure = models.ForeignKey(
        Structure, models.PROTECT, related_name="+", verbose_name="structure mandatée"
    )
    given_by_structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    given_on = models.DateField(default=timezone.localdate)
    report_by = models.DateField("compte rendu attendu le")
    status = models.CharField(max_length=12, choices=MandateStatus, default=MandateStatus.GIVEN)
    result = models.CharField("compte rendu", max_length=12, choices=MandateResult, blank=True)
    reported_on = models.DateField(null=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    note = models.CharField("un mot", max_length=280, blank=True)
    #: Past its date, both sides are told once.
    reminded_on = models.DateField(null=True)

    class Meta:
        verbose_name = "mandat"
        ordering: ClassVar = ["-given_on", "-id"]
        constraints: ClassVar = [
            one_of("status", MandateStatus),
            one_of("result", MandateResult, blank=True),
            models.CheckConstraint(
                condition=Q(report_by__gte=F("given_on")), name="mandate_reports_after"
            ),
            models.CheckConstraint(
                condition=~Q(status=MandateStatus.REPORTED)
                | Q(reported_on__isnull=False) & ~Q(result=""),
                name="mandate_report_says_what",
            ),
            models.UniqueConstraint(
                fields=["case", "structure"],
                condition=Q(status=MandateStatus.GIVEN),
                name="mandate_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-given_on"], name="mandate_of_case"),
            models.Index(
                fields=["structure", "report_by"],
                condition=Q(status=MandateStatus.GIVEN),
                name="mandate_to_report",
            ),
        ]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Vacancy(models.Model):
    """Vacant places in a course: true on the day they were last confirmed, not for ever."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    academie = models.ForeignKey(Academie, models.CASCADE, related_name="+")
    structure = models.ForeignKey(Structure, models.CASCADE, related_name="vacancies")
    commune = models.ForeignKey(Commune, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField("type", max_length=24, choices=SolutionKind)
    course = models.CharField("formation", max_length=120)
    #: 3 (CAP, BEP) to 5; 0 when it has none.
    level = models.PositiveSmallIntegerField("niveau", default=0)
    stream = models.CharField("domaine", max_length=60, blank=True)
    places = models.PositiveSmallIntegerField("places", default=1)
    starts_on = models.DateField("entrée le", null=True)
    confirmed_on = models.DateField("confirmée le", default=timezone.localdate)
    withdrawn_on = models.DateField(null=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    #: What tells it from the others of an imported file, from one delivery to the next.
    source = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = "place vacante"
        ordering: ClassVar = ["-confirmed_on", "id"]
        constraints: ClassVar = [
            one_of("kind", SolutionKind),
            models.CheckConstraint(condition=Q(level__lte=8), name="vacancy_level_known"),
            models.UniqueConstraint(
                fields=["source", "reference"],
                condition=~Q(reference=""),
                name="vacancy_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["academie", "kind"],
                condition=Q(withdrawn_on__isnull=True),
                name="vacancy_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.course}, {self.structure}"


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Proposal(models.Model):
    """A solution: proposed, accepted, refused or put off, then started with a place and a term.

    Where it takes place is hidden like a `Destination` when the schooling is protected.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="proposals")
    kind = models.CharField("solution", max_length=24, choices=SolutionKind)
    course = models.CharField("formation ou poste", max_length=120, blank=True)
    structure = models.ForeignKey(Structure, models.PROTECT, null=True, related_name="+")
    place = models.CharField("lieu", max_length=160, blank=True)
    vacancy = models.ForeignKey(Vacancy, models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=8, choices=ProposalStatus, default=ProposalStatus.MADE)
    made_on = models.DateField(default=timezone.localdate)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_by_structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    answered_on = models.DateField(null=True)
    #: « Pas maintenant »: the day it is spoken of again.
    paused_until = models.DateField(null=True)
    starts_on = models.DateField("début", null=True)
    ends_on = models.DateField("fin prévue", null=True)

    class Meta:
        verbose_name = "solution"
        ordering: ClassVar = ["-made_on", "-id"]
        constraints: ClassVar = [
            one_of("kind", SolutionKind),
            one_of("status", ProposalStatus),
            models.CheckConstraint(
                condition=~Q(status=ProposalStatus.PAUSED) | Q(paused_until__isnull=False),
                name="proposal_pause_ends",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ProposalStatus.STARTED, ProposalStatus.OVER])
                | Q(starts_on__isnull=False),
                name="proposal_start_dated",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                name="proposal_ends_after_start",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-made_on"], name="proposal_of_case")]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Review(models.Model):
    """Devenir: what became of somebody one, three, six and twelve months after their case ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="reviews")
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    status = models.CharField(max_length=10, choices=ReviewStatus, default=ReviewStatus.DUE)
    done_on = models.DateField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    situation = models.CharField(max_length=16, choices=SituationKind, blank=True)

    class Meta:
        verbose_name = "devenir"
        ordering: ClassVar = ["due_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "due_on"], name="review_once"),
            models.CheckConstraint(
                condition=Q(months__in=[1, 3, 6, 12]), name="review_months_known"
            ),
            one_of("status", ReviewStatus),
            one_of("situation", SituationKind, blank=True),
            models.CheckConstraint(
                condition=~Q(status=ReviewStatus.DONE)
                | Q(done_on__isnull=False) & ~Q(situation=""),
                name="review_done_says_what",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_on", "case"],
                condition=Q(status=ReviewStatus.DUE),
                name="review_to_do",
            )
        ]
