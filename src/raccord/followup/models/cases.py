"""A case is what follows one or several departures; it has exactly one holder, always."""

from typing import TYPE_CHECKING, Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from raccord.followup.identifiers import new_id
from raccord.followup.models.persons import Person
from raccord.followup.querysets import CaseQuerySet
from raccord.followup.vocabulary import (
    ContactState,
    DepartureOrigin,
    FalseAlarm,
    Lane,
    LeavingReason,
    Outcome,
    PartyKind,
    Proof,
    SituationKind,
    Stage,
    Status,
)
from raccord.territory.choices import one_of
from raccord.territory.models import Academie, Basin, Departement, Structure

if TYPE_CHECKING:
    from raccord.accounts.actors import Actor
    from raccord.followup.rights import Ability, Act


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Case(models.Model):
    """What is done for one young person who left; at most one is open per person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="cases")
    academie = models.ForeignKey(Academie, models.PROTECT, related_name="+")
    #: Of residence where it is known, else of the school that was left.
    departement = models.ForeignKey(Departement, models.PROTECT, null=True, related_name="+")
    basin = models.ForeignKey(Basin, models.SET_NULL, null=True, related_name="+")
    #: Campaign year: 1 July to 30 June, named by its first year.
    school_year = models.PositiveSmallIntegerField("année")
    lane = models.CharField("circuit", max_length=20, choices=Lane)
    status = models.CharField("état", max_length=12, choices=Status, default=Status.TO_CHECK)
    stage = models.CharField("étape", max_length=12, choices=Stage, default=Stage.SPOTTED)
    #: Not null: « nobody holds this young person » cannot be stored.
    holder = models.ForeignKey(
        Structure, models.PROTECT, related_name="held_cases", verbose_name="structure qui suit"
    )
    held_since = models.DateField(default=timezone.localdate)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    opened_on = models.DateField("ouvert le", default=timezone.localdate)
    #: Of the latest departure: what lists sort by without joining. Null: not known.
    left_on = models.DateField("sorti le", null=True)
    opened_by_run = models.BigIntegerField(null=True)
    #: Before the *constat de rentrée*: no clock runs and nothing counts.
    provisional = models.BooleanField("provisoire", default=False)
    #: When nobody did anything by then, the case is shown to the IEN-IO (null: no clock).
    untouched_until = models.DateField(null=True)
    #: First act of a human: from then on the machine never closes, it asks.
    worked_on_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField(default=timezone.now)
    contact_state = models.CharField(
        "contact", max_length=14, choices=ContactState, default=ContactState.NOT_TRIED
    )
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_act_on = models.DateField("à reprendre le", null=True)
    situation = models.CharField(
        max_length=16, choices=SituationKind, default=SituationKind.UNKNOWN
    )
    situation_since = models.DateField(null=True)
    situation_confirmed_on = models.DateField(null=True)
    situation_lapses_on = models.DateField(null=True)
    situation_proof = models.CharField(max_length=12, choices=Proof, blank=True)
    outcome = models.CharField("devenir", max_length=16, choices=Outcome, blank=True)
    false_alarm = models.CharField(max_length=20, choices=FalseAlarm, blank=True)
    closed_on = models.DateField("clos le", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    closed_by_run = models.BigIntegerField(null=True)
    #: Grows at every act: a form sent against an older one is told what happened meanwhile.
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"],
                condition=~Q(status=Status.CLOSED),
                name="case_one_open_per_person",
            ),
            # No closing without outcome and date; the author is a user or a run, and a user may
            # be erased later, so that the timeline, append-only, is what proves it.
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_on__isnull=False) & ~Q(outcome="")
                | ~Q(status=Status.CLOSED) & Q(closed_on__isnull=True, outcome=""),
                name="case_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.FALSE_ALARM) | ~Q(false_alarm=""),
                name="case_false_alarm_says_which",
            ),
            one_of("status", Status),
            one_of("lane", Lane),
            one_of("stage", Stage),
            one_of("contact_state", ContactState),
            one_of("situation", SituationKind),
            one_of("situation_proof", Proof, blank=True),
            one_of("outcome", Outcome, blank=True),
            one_of("false_alarm", FalseAlarm, blank=True),
        ]
        indexes: ClassVar = [
            models.Index(fields=["holder", "status"]),
            models.Index(fields=["departement", "lane", "status"]),
            models.Index(fields=["basin", "status"]),
            models.Index(fields=["academie", "school_year", "status"]),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        """Whether something remains to be done."""
        return self.status != Status.CLOSED

    def abilities(self, actor: "Actor | None") -> "dict[Act, Ability]":
        """What this actor may do with it now, and why not."""
        from raccord.followup.rights import abilities  # noqa: PLC0415 - rights read models

        return abilities(actor, self)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Departure(models.Model):
    """One leaving of one establishment."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="departures")
    person = models.ForeignKey(Person, models.CASCADE, related_name="departures")
    structure = models.ForeignKey(
        Structure, models.PROTECT, related_name="departures", verbose_name="établissement quitté"
    )
    school_year = models.PositiveSmallIntegerField("année")
    source = models.CharField("base", max_length=60, blank=True)
    local_id = models.CharField("identifiant dans la base", max_length=60, blank=True)
    #: Level and stream only: a class label may carry what must not be known (ULIS, SEGPA...).
    level = models.CharField("niveau et filière", max_length=60, blank=True)
    course = models.CharField("formation", max_length=120, blank=True)
    mef = models.CharField(max_length=15, blank=True)
    school_status = models.CharField("statut", max_length=20, blank=True)
    entered_on = models.DateField("entré le", null=True)
    left_on = models.DateField("sorti le", null=True)
    origin = models.CharField(
        max_length=16, choices=DepartureOrigin, default=DepartureOrigin.REGISTER
    )
    reason = models.CharField("motif", max_length=16, choices=LeavingReason, blank=True)
    verdict = models.CharField(max_length=8, default="missing")
    probability = models.FloatField(null=True)
    #: How many registers were searched, and which fields agreed: the explanation, without values.
    evidence = models.JSONField(default=dict, blank=True)
    followed_by = models.CharField("déjà suivi par", max_length=160, blank=True)
    run_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "sortie"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["structure", "school_year", "source", "local_id"],
                condition=~Q(local_id=""),
                name="departure_once",
            ),
            one_of("origin", DepartureOrigin),
            one_of("reason", LeavingReason, blank=True),
        ]
        indexes: ClassVar = [
            models.Index(fields=["structure", "school_year"]),
            # From one class to the next: `raccord_levels`.
            models.Index(fields=["structure", "level"], name="departure_classes"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Party(models.Model):
    """A structure that takes part in a case: what makes the case visible to its people."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=PartyKind)
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "structure", "kind"],
                condition=Q(until__isnull=True),
                name="party_once",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(kind=PartyKind.HOLDER, until__isnull=True),
                name="party_one_holder",
            ),
            one_of("kind", PartyKind),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["structure"],
                include=["case", "kind"],
                condition=Q(until__isnull=True),
                name="party_of_structure",
            )
        ]

    def __str__(self) -> str:
        return f"{self.structure} ({self.get_kind_display()})"
