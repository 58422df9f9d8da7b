"""What somebody is told, and how often they want it by e-mail."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from raccord.followup.identifiers import new_id
from raccord.followup.models.cases import Case
from raccord.territory.choices import one_of
from raccord.territory.models import Structure


class NotificationKind(models.TextChoices):
    """Why: the whole text of the message, which names nobody."""

    RECEIVED = "received", "Un dossier vous est proposé."
    REMINDER = "reminder", "Un dossier attend votre réponse depuis dix jours."
    ACCEPTED = "accepted", "Un dossier que vous aviez proposé est repris."
    SENT_BACK = "sent_back", "Un dossier que vous aviez proposé vous revient."
    LAPSED = "lapsed", "Un dossier proposé est resté trente jours sans réponse : il vous revient."
    GROUP = "group", "Un dossier attend le groupe d’appui."
    SILENCE = "silence", "Un dossier de votre département est resté sans démarche."
    INSTRUCTION = (
        "instruction",
        "Un jeune de moins de 16 ans de votre département vous est signalé.",
    )
    ASSOCIATED = "associated", "Votre structure est associée à un dossier."
    MANDATE = "mandate", "Un mandat vous est confié."
    MANDATE_LATE = "mandate_late", "Un compte rendu de mandat est en retard."
    QUESTION = "question", "Une question vous est posée sur un dossier."
    ANSWER = "answer", "Une réponse est arrivée sur un dossier."
    ASSIGNED = "assigned", "Un dossier vous est confié par un collègue."
    LAPSING = "lapsing", "Une situation est à confirmer."
    REVIEW = "review", "Le devenir d’un jeune est à relever."
    OUTCOME = "outcome", "Un dossier que vous suiviez a trouvé une issue."
    OPENED = "opened", "Un dossier que vous portez a été ouvert par une personne extérieure."
    #: To the DPO, who sees no case: it leads to the page of the openings.
    BEYOND = "beyond", "Un dossier de votre territoire a été ouvert hors périmètre : à examiner."
    REPORTED = "reported", "Un jeune que vous suivez, ou que vous avez suivi, vous est signalé."
    DUPLICATE = "duplicate", "Deux dossiers sont peut-être le même jeune."
    MERGED = "merged", "Deux dossiers ont été réunis."


class Notification(models.Model):
    """One line for one person; the case is behind a link that asks who they are."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=16, choices=NotificationKind)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+")
    structure = models.ForeignKey(Structure, models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    #: Sent by e-mail, alone or in the daily digest; null when it still has to be.
    emailed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "notification"
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            one_of("kind", NotificationKind),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["user", "-at"],
                condition=Q(read_at__isnull=True),
                name="notification_unread",
            ),
            models.Index(
                fields=["at"], condition=Q(emailed_at__isnull=True), name="notification_to_send"
            ),
            models.Index(fields=["user", "-at"], name="notification_of_user"),
            models.Index(fields=["case"], name="notification_of_case"),
        ]


class Rhythm(models.TextChoices):
    """How often e-mails leave."""

    EACH = "each", "à chaque fois"
    DAILY = "daily", "un résumé par jour"
    NEVER = "never", "jamais (je regarde dans Raccord)"


class Preference(models.Model):
    """The rhythm somebody chose."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="notified"
    )
    rhythm = models.CharField("courriels", max_length=8, choices=Rhythm, default=Rhythm.DAILY)

    class Meta:
        constraints: ClassVar = [
            one_of("rhythm", Rhythm),
        ]
