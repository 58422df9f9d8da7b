"""Approved models of letters, what was sent, the one-time links, and what was answered."""

from typing import TYPE_CHECKING, Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from raccord.followup.identifiers import new_id
from raccord.followup.letters.vocabulary import (
    AnswerKind,
    Audience,
    Medium,
    MessageStatus,
    Moment,
    Purpose,
)
from raccord.followup.models.acts import TimelineEvent
from raccord.followup.models.cases import Case
from raccord.territory.choices import one_of
from raccord.territory.models import Structure

if TYPE_CHECKING:
    from raccord.accounts.actors import Actor


class LetterTemplateQuerySet(models.QuerySet["LetterTemplate"]):
    """Reads of models of letters: they name nobody."""

    def visible_to(self, actor: "Actor | None") -> "LetterTemplateQuerySet":
        """The national ones, and those of one's own structures."""
        if actor is None:
            return self.none()
        return self.filter(Q(structure=None) | Q(structure__in=actor.structure_ids))

    def approved(self) -> "LetterTemplateQuerySet":
        """Those that may leave."""
        return self.filter(approved_at__isnull=False)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class LetterTemplate(models.Model):
    """A text with fields between braces. Without structure: the national one, kept by us."""

    structure = models.ForeignKey(
        Structure, models.CASCADE, null=True, related_name="letter_templates"
    )
    purpose = models.CharField("objet", max_length=16, choices=Purpose)
    medium = models.CharField("moyen", max_length=8, choices=Medium)
    audience = models.CharField("destinataire", max_length=8, choices=Audience)
    subject = models.CharField("objet du message", max_length=120, blank=True)
    body = models.TextField("texte", max_length=4000)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    #: Null while the head has not read it: it does not leave.
    approved_at = models.DateTimeField("approuvé le", null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects: ClassVar[Any] = LetterTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "modèle de courrier"
        ordering: ClassVar = ["purpose", "medium", "audience", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["structure", "purpose", "medium", "audience"],
                nulls_distinct=False,
                name="letter_template_once",
            ),
            one_of("purpose", Purpose),
            one_of("medium", Medium),
            one_of("audience", Audience),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.get_medium_display()}"


class Message(models.Model):
    """One letter, SMS or e-mail to one family or one young person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="messages")
    event = models.OneToOneField(TimelineEvent, models.CASCADE, related_name="message")
    template = models.ForeignKey(LetterTemplate, models.PROTECT, related_name="+")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose)
    medium = models.CharField(max_length=8, choices=Medium)
    audience = models.CharField(max_length=8, choices=Audience)
    status = models.CharField(max_length=12, choices=MessageStatus)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    #: Number or address, and text with its link, sealed: emptied as soon as it has left.
    outgoing = models.TextField(blank=True, editable=False)

    class Meta:
        verbose_name = "message"
        ordering: ClassVar = ["-made_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status=MessageStatus.WAITING) | Q(outgoing=""),
                name="message_keeps_nothing_once_left",
            ),
            one_of("purpose", Purpose),
            one_of("medium", Medium),
            one_of("audience", Audience),
            one_of("status", MessageStatus),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "purpose"], name="message_of_case"),
            models.Index(
                fields=["made_at"],
                condition=Q(status=MessageStatus.WAITING),
                name="message_waiting",
            ),
        ]


class AnswerLink(models.Model):
    """A one-time link: only its digest is kept, so that nobody can answer from the database."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="answer_links")
    message = models.OneToOneField(Message, models.CASCADE, related_name="link")
    digest = models.BinaryField(max_length=32, unique=True)
    expires_on = models.DateField()

    class Meta:
        verbose_name = "lien de réponse"


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Reads of answers."""

    def visible_to(self, actor: "Actor | None") -> "AnswerQuerySet":
        """Those of the cases one sees; a protected schooling hides them (row-level security)."""
        return self.filter(case__in=Case.objects.visible_to(actor))

    def waiting(self) -> "AnswerQuerySet":
        """Those that nobody has confirmed or set aside; a decision taken back counts for none."""
        undone = TimelineEvent.objects.filter(undoes=OuterRef("decision"))
        return self.filter(Q(decision=None) | Exists(undone)).order_by(F("at").desc(), "pk")


class Answer(models.Model):
    """What somebody declared through a link: true only once the school has confirmed it.

    The place and the number live here and never in the timeline; a protected schooling hides them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    link = models.OneToOneField(AnswerLink, models.CASCADE, related_name="answer")
    case = models.ForeignKey(Case, models.CASCADE, related_name="answers")
    event = models.OneToOneField(TimelineEvent, models.CASCADE, related_name="answer")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=AnswerKind)
    structure = models.ForeignKey(Structure, models.SET_NULL, null=True, related_name="+")
    place = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    moment = models.CharField(max_length=12, choices=Moment, blank=True)
    recall_on = models.DateField(null=True)
    #: The event by which somebody of the school confirmed it or set it aside.
    decision = models.OneToOneField(
        TimelineEvent, models.SET_NULL, null=True, related_name="decides"
    )

    objects: ClassVar[Any] = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "réponse"
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["case", "-at"], name="answer_of_case")]
        constraints: ClassVar = [
            one_of("kind", AnswerKind),
            one_of("moment", Moment, blank=True),
        ]

    @property
    def where(self) -> str:
        """The establishment that was named."""
        return self.structure.name if self.structure else self.place
