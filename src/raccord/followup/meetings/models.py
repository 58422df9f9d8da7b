"""A meeting of a support group (GAB, PSAD): who came, which cases, what was decided."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from raccord.followup.care.models import Mandate, Recommendation
from raccord.followup.identifiers import new_id
from raccord.followup.models.cases import Case
from raccord.territory.choices import one_of
from raccord.territory.models import Structure


class MeetingStatus(models.TextChoices):
    """Where a meeting stands."""

    PLANNED = "planned", "prévue"
    OPEN = "open", "en cours"
    CLOSED = "closed", "terminée"


class Why(models.TextChoices):
    """Why a case is on the agenda."""

    NEW = "new", "nouveau"
    UNDECIDED = "undecided", "à décider"
    OVERDUE = "overdue", "compte rendu en retard"
    SENT_BACK = "sent_back", "renvoyé"
    ASKED = "asked", "inscrit par une structure"
    POSTPONED = "postponed", "reporté de la dernière réunion"


class Decision(models.TextChoices):
    """What the group said of a case."""

    RECOMMENDED = "recommended", "préconisation"
    POSTPONED = "postponed", "revu à la prochaine réunion"
    NOTHING = "nothing", "le suivi continue"


class Meeting(models.Model):
    """One meeting of one group."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Structure, models.PROTECT, related_name="meetings")
    on = models.DateField("le")
    starts_at = models.TimeField("à", null=True)
    place = models.CharField("lieu", max_length=120, blank=True)
    status = models.CharField(max_length=8, choices=MeetingStatus, default=MeetingStatus.PLANNED)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "réunion du groupe d’appui"
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            one_of("status", MeetingStatus),
            models.CheckConstraint(
                condition=~Q(status=MeetingStatus.CLOSED) | Q(closed_at__isnull=False),
                name="meeting_closed_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}, {self.on:%d/%m/%Y}"


class Attendance(models.Model):
    """Who came, for which structure."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    name = models.CharField("nom et fonction", max_length=120, blank=True)
    present = models.BooleanField("présent", default=True)

    class Meta:
        ordering: ClassVar = ["structure__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "structure", "name"], name="attendance_once"
            ),
        ]


class AgendaItem(models.Model):
    """One case on the agenda, and what was decided."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    case = models.ForeignKey(Case, models.CASCADE, related_name="agenda_items")
    rank = models.PositiveIntegerField()
    why = models.CharField(max_length=12, choices=Why)
    decision = models.CharField(max_length=12, choices=Decision, blank=True)
    recommendation = models.ForeignKey(Recommendation, models.SET_NULL, null=True, related_name="+")
    mandate = models.ForeignKey(Mandate, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "point de l’ordre du jour"
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "case"], name="agenda_once"),
            one_of("why", Why),
            one_of("decision", Decision, blank=True),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True)
                | ~Q(decision="") & Q(decided_at__isnull=False),
                name="agenda_decision_dated",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["case"], name="agenda_of_case")]
