"""The log of readings, append-only and hash-chained (CNIL, recommandation 2021-122)."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role


class Act(models.TextChoices):
    """What was done with a file. Other values may be stored; these have words of their own."""

    SHEET = "sheet", "fiche ouverte"
    LIST = "list", "liste affichée"
    SEARCH = "search", "recherche"
    REGISTERS = "registers", "recherche dans les bases"
    EXPORT = "export", "export"
    LETTER = "letter", "courrier"
    PRINT = "print", "impression"
    OPENING = "opening", "ouverture hors périmètre"
    PERSON_FILE = "person_file", "copie du dossier (droit d’accès)"
    REFUSAL = "refusal", "dossier demandé, non ouvert à cette personne"
    JOURNAL = "journal", "journal consulté"
    JOURNAL_EXPORT = "journal_export", "journal exporté"


class ReadingQuerySet(models.QuerySet["Reading"]):
    """Reads of the log."""

    def visible_to(self, actor: Actor | None) -> "ReadingQuerySet":
        """The lines of the académies of a DPO, and of readers who have no académie.

        The policy of sql/access_log.sql says the same.
        """
        found = academies(actor, Role.DPO)
        if not found:
            return self.none()
        return self.filter(models.Q(academies__overlap=found) | models.Q(academies=[]))


class Reading(models.Model):
    """Who read what, when, from which screen. Never anything of what the file says.

    The identifier, the time and both hashes are written by a trigger (sql/access_log.sql), under
    one lock: the order of the identifiers is the order of the chain, without a gap.
    """

    at = models.DateTimeField("quand")
    user_id = models.BigIntegerField(null=True)
    #: Name and functions at that time: the line outlives the account.
    reader = models.CharField("qui", max_length=200)
    functions = ArrayField(models.CharField(max_length=400), default=list)
    structures = ArrayField(models.BigIntegerField(), default=list)
    #: Of these structures: whose DPO reads the line.
    academies = ArrayField(models.CharField(max_length=3), default=list)
    act = models.CharField("acte", max_length=20)
    screen = models.CharField("écran", max_length=60)
    #: Cases or persons read.
    subjects = ArrayField(models.UUIDField(), default=list)
    former_hash = models.BinaryField(default=b"", editable=False)
    hash = models.BinaryField(default=b"", editable=False)

    objects: ClassVar[Any] = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = "lecture"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["-at"]),
            models.Index(fields=["user_id", "-id"], name="reading_by_user"),
            GinIndex(fields=["subjects"], name="reading_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}, {self.get_act_display()}"

    def get_act_display(self) -> str:
        """The words for the act; the stored word for one that has none."""
        return Act(self.act).label if self.act in Act.values else self.act


class LogCheckpoint(models.Model):
    """Where the log starts since the oldest lines were removed: what the last of them was."""

    at = models.DateTimeField(default=timezone.now)
    last_id = models.BigIntegerField()
    last_hash = models.BinaryField()
    removed = models.PositiveBigIntegerField()
    #: Lines older than this were removed.
    before = models.DateTimeField()

    class Meta:
        verbose_name = "purge du journal"
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.removed} lignes d’avant le {timezone.localdate(self.before)}"


def academies(actor: Actor | None, role: Role) -> list[str]:
    """The académies where this person has this role."""
    if actor is None:
        return []
    return sorted(
        {m.structure.academie_id for m in actor.memberships if m.role == role} - {None}  # type: ignore[arg-type]
    )
