"""Handovers, what the person was told of them, questions between structures, and dated links."""

from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from raccord.followup.identifiers import new_id
from raccord.followup.models.cases import Case
from raccord.followup.relay.vocabulary import (
    HandoverReason,
    HandoverStatus,
    InformedBy,
    InformedWho,
    ReturnReason,
)
from raccord.territory.choices import one_of
from raccord.territory.models import Structure


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Handover(models.Model):
    """One structure proposes that another carry a case; it holds the case until the answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="handovers")
    sender = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    reason = models.CharField("pour quoi", max_length=16, choices=HandoverReason)
    #: Null when the clock made it.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField("proposé le", default=timezone.now)
    youth_knows = models.BooleanField("le jeune le sait", default=False)
    note = models.CharField("un mot", max_length=280, blank=True)
    status = models.CharField(max_length=12, choices=HandoverStatus, default=HandoverStatus.WAITING)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    return_reason = models.CharField(max_length=16, choices=ReturnReason, blank=True)
    #: The other structure that the receiver proposed: a new handover waits there.
    redirected_to = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "passage de relais"
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status=HandoverStatus.WAITING),
                name="handover_one_waiting_per_case",
            ),
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="handover_to_another"),
            models.CheckConstraint(
                condition=Q(status=HandoverStatus.WAITING, answered_at__isnull=True)
                | ~Q(status=HandoverStatus.WAITING) & Q(answered_at__isnull=False),
                name="handover_answer_dated",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[HandoverStatus.SENT_BACK, HandoverStatus.REDIRECTED])
                | ~Q(return_reason=""),
                name="handover_return_says_why",
            ),
            one_of("status", HandoverStatus),
            one_of("reason", HandoverReason),
            one_of("return_reason", ReturnReason, blank=True),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-asked_at"], name="handover_of_case"),
            models.Index(
                fields=["receiver", "asked_at"],
                condition=Q(status=HandoverStatus.WAITING),
                name="handover_received",
            ),
            models.Index(
                fields=["sender", "asked_at"],
                condition=Q(status=HandoverStatus.WAITING),
                name="handover_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} → {self.receiver}"

    @property
    def is_waiting(self) -> bool:
        """Whether the receiver still has to answer."""
        return self.status == HandoverStatus.WAITING


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Information(models.Model):
    """What somebody was told of the transmission of their file, and whether they object.

    Due before the first transmission outside of the Éducation nationale (RGPD, art. 13-14 and 21).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="informations")
    on = models.DateField("le", default=timezone.localdate)
    by = models.CharField("comment", max_length=8, choices=InformedBy)
    who = models.CharField("qui", max_length=16, choices=InformedWho)
    objects_to = models.BooleanField("s’oppose à la transmission", default=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    #: The DPO examined the objection, or it was withdrawn: it no longer holds anything back.
    lifted_on = models.DateField("opposition levée le", null=True)

    class Meta:
        verbose_name = "information du jeune"
        ordering: ClassVar = ["-on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True) | Q(objects_to=True),
                name="information_lifts_an_objection",
            ),
            one_of("by", InformedBy),
            one_of("who", InformedWho),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "-on"], name="information_of_case")]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Question(models.Model):
    """A short question to the holder, inside the case, and its answer: instead of an e-mail with
    names in it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="questions")
    asker = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    text = models.CharField("question", max_length=280)
    answer = models.CharField("réponse", max_length=280, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    #: Named when the answer came by a dated link, without account.
    answerer = models.ForeignKey(Structure, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "question"
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="")
                | Q(answered_at__isnull=False) & ~Q(answer=""),
                name="question_answered_with_words",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "-asked_at"], name="question_of_case"),
            models.Index(
                fields=["case"],
                condition=Q(answered_at__isnull=True),
                name="question_waiting",
            ),
        ]


class PartnerLink(models.Model):
    """Lets a partner without account answer one thing, once, before a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="partner_links")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    #: What is answered: exactly one of the two.
    handover = models.ForeignKey(Handover, models.CASCADE, null=True, related_name="links")
    question = models.ForeignKey(Question, models.CASCADE, null=True, related_name="links")
    #: SHA-256 of the secret in the address; the secret itself is stored nowhere.
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "lien daté"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(handover__isnull=False, question__isnull=True)
                | Q(handover__isnull=True, question__isnull=False),
                name="partner_link_answers_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="partner_link_expires"
            ),
        ]
