"""What was done, by whom, when: the timeline is append-only."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from raccord.followup.identifiers import new_id
from raccord.followup.models.cases import Case
from raccord.followup.vocabulary import Answerer, Channel, ContactResult, EventKind
from raccord.territory.choices import one_of
from raccord.territory.models import Structure


class TimelineEvent(models.Model):
    """One thing that happened. It has an author: somebody, a run of the night, or the family."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="timeline")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20, choices=EventKind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    #: Kept when the user is erased; « la comparaison de la nuit » or « la famille » otherwise.
    author = models.CharField(max_length=200)
    structure = models.ForeignKey(Structure, models.SET_NULL, null=True, related_name="+")
    run_id = models.BigIntegerField(null=True)
    #: Codes of the vocabularies and dates, never free text.
    facts = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=280, blank=True)
    #: The event that this one takes back.
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(author=""), name="event_has_an_author"),
            one_of("kind", EventKind),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-at"])]


class ContactAttempt(models.Model):
    """A call, a message or a visit, and what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="contacts")
    event = models.OneToOneField(TimelineEvent, models.CASCADE, related_name="contact")
    on = models.DateField(default=timezone.localdate)
    channel = models.CharField("moyen", max_length=8, choices=Channel)
    answerer = models.CharField("qui a répondu", max_length=16, choices=Answerer)
    result = models.CharField("résultat", max_length=20, choices=ContactResult)
    next_on = models.DateField("reprendre le", null=True)

    class Meta:
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            one_of("channel", Channel),
            one_of("answerer", Answerer),
            one_of("result", ContactResult),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-on"])]
