"""Where registers come from, what was received, what a night did, what humans said of pairs."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from raccord.detection.querysets import DepositQuerySet, FeedQuerySet, RunQuerySet
from raccord.followup.identifiers import new_id
from raccord.followup.models import Case
from raccord.territory.choices import one_of
from raccord.territory.models import Academie, Structure


class Nature(models.TextChoices):
    """What a register can prove (`raccord.registers.enrolment.Nature`)."""

    INSCRIPTION = "inscription", "inscriptions"
    DIPLOME = "diplome", "résultats d’examens"
    ACCOMPAGNEMENT = "accompagnement", "jeunes déjà suivis"


class Side(models.TextChoices):
    """What a feed is for: its pupils are looked for, or it only helps to find those of others."""

    BOTH = "both", "ses élèves sont suivis, et il sert à retrouver ceux des autres"
    AFTER = "after", "il sert seulement à retrouver"


class Feed(models.Model):
    """Where a register comes from, again and again: one school's, or a whole académie's."""

    academie = models.ForeignKey(
        Academie, models.PROTECT, related_name="feeds", verbose_name="académie"
    )
    structure = models.ForeignKey(
        Structure, models.PROTECT, null=True, blank=True, related_name="feeds",
        verbose_name="établissement",
        help_text="Laissez vide pour une base de toute l’académie.",
    )  # fmt: skip
    label = models.CharField("nom de la base", max_length=160)
    #: Format and source of the first file accepted: how a deposit that names no feed finds its own.
    format = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=60, blank=True)
    nature = models.CharField(max_length=16, choices=Nature, default=Nature.INSCRIPTION)
    side = models.CharField("rôle", max_length=8, choices=Side, default=Side.BOTH)
    expected_every = models.PositiveSmallIntegerField("attendue tous les (jours)", default=1)
    expected_from = models.EmailField("adresse de la personne qui la dépose", blank=True)
    active = models.BooleanField("en service", default=True)
    #: Asked for each night by its UAI (`detection.pulling`): nobody has to deposit it.
    pulled = models.BooleanField("demandée chaque nuit au service SIECLE", default=False)
    last_received_at = models.DateTimeField(null=True, editable=False)
    last_accepted_at = models.DateTimeField(null=True, editable=False)
    last_exported_on = models.DateField(null=True, editable=False)

    objects: ClassVar[Any] = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = "base"
        ordering: ClassVar = ["label", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["academie", "label"], name="feed_label_once"),
            one_of("nature", Nature),
            one_of("side", Side),
            models.CheckConstraint(
                condition=Q(pulled=False) | Q(structure__isnull=False), name="feed_pulled_by_uai"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class DepositStatus(models.TextChoices):
    """What became of a file."""

    ACCEPTED = "accepted", "acceptée"
    QUARANTINED = "quarantined", "mise de côté"
    REFUSED = "refused", "refusée"
    WITHDRAWN = "withdrawn", "retirée"


class How(models.TextChoices):
    """Which way a file came."""

    UPLOAD = "upload", "le site"
    FOLDER = "folder", "le dossier surveillé"
    COMMAND = "command", "la ligne de commande"
    PULL = "pull", "le service de la base"


class Deposit(models.Model):
    """One file received for one feed. The file itself is not kept: its reading is, privately."""

    feed = models.ForeignKey(Feed, models.PROTECT, null=True, related_name="deposits")
    academie = models.ForeignKey(Academie, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    #: Kept when the user is erased.
    author = models.CharField("déposée par", max_length=200)
    how = models.CharField("par", max_length=8, choices=How)
    document = models.CharField("fichier", max_length=255)
    file_hash = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField("reçue le", default=timezone.now)
    status = models.CharField("état", max_length=12, choices=DepositStatus)
    #: French sentences: what is wrong, and who can put it right.
    reasons = models.JSONField(default=list, blank=True)
    rows = models.PositiveIntegerField("lignes", default=0)
    #: Key of the reading kept in RACCORD_HOME.
    snapshot = models.CharField(max_length=60, blank=True)
    school_year = models.PositiveSmallIntegerField(null=True)
    exported_on = models.DateField("exportée le", null=True)
    #: The day whose enrolments this state tells.
    state_on = models.DateField()
    #: Who accepted a quarantined file all the same, and why.
    forced_by = models.CharField(max_length=200, blank=True)
    forced_because = models.CharField(max_length=280, blank=True)

    objects: ClassVar[Any] = DepositQuerySet.as_manager()

    class Meta:
        verbose_name = "dépôt"
        ordering: ClassVar = ["-received_at", "-id"]
        constraints: ClassVar = [
            one_of("status", DepositStatus),
            one_of("how", How),
            models.CheckConstraint(
                condition=~Q(status="accepted") | (~Q(snapshot="") & Q(feed__isnull=False)),
                name="deposit_accepted_is_kept",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["feed", "status", "-state_on"]),
            models.Index(fields=["academie", "-received_at"]),
        ]

    def __str__(self) -> str:
        return self.document


class RunState(models.TextChoices):
    """How a run ended."""

    RUNNING = "running", "en cours"
    DONE = "done", "terminée"
    FAILED = "failed", "arrêtée"
    UNDONE = "undone", "annulée"


class Phase(models.TextChoices):
    """Where a run is; after a kill, the next one goes on from there."""

    COMPARING = "comparing", "rapprochement des bases"
    STAGING = "staging", "préparation des listes"
    WRITING = "writing", "écriture des dossiers"
    DONE = "done", "fini"


class Run(models.Model):
    """One night of one académie."""

    academie = models.ForeignKey(Academie, models.PROTECT, related_name="runs")
    school_year = models.PositiveSmallIntegerField("année")
    as_of = models.DateField("au")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.COMPARING)
    state = models.CharField("état", max_length=8, choices=RunState, default=RunState.RUNNING)
    progress = models.CharField(max_length=160, blank=True)
    #: What was compared: a run with the same inputs takes its folder back instead of comparing.
    inputs_hash = models.CharField(max_length=64, blank=True)
    folder = models.CharField(max_length=160, blank=True)
    stats = models.JSONField(default=dict, blank=True)
    #: French sentences for the one who administers.
    troubles = models.JSONField(default=list, blank=True)
    started_by = models.CharField("lancée par", max_length=200, default="la comparaison de la nuit")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)

    objects: ClassVar[Any] = RunQuerySet.as_manager()

    class Meta:
        verbose_name = "comparaison"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="undone") | Q(undone_at__isnull=False), name="run_undone_dated"
            ),
            one_of("state", RunState),
            one_of("phase", Phase),
        ]
        indexes: ClassVar = [models.Index(fields=["academie", "-id"])]

    def __str__(self) -> str:
        return f"{self.academie_id} {self.as_of}"


class Change(models.Model):
    """What a run did to one row, with what it replaced: how a run is undone, for 30 days."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="changes")
    act = models.CharField(max_length=12)
    row = models.UUIDField()
    case_id = models.UUIDField(null=True)
    #: Version of the case after the change: when it has grown, somebody came after.
    version = models.PositiveIntegerField(default=1)
    former = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run", "act"]), models.Index(fields=["case_id"])]


class HumanVerdict(models.Model):
    """What somebody said of a pair of enrolments. Their word binds every following night."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    academie = models.ForeignKey(Academie, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="human_verdicts")
    source = models.CharField(max_length=60, blank=True)
    uai = models.CharField(max_length=8)
    local_id = models.CharField(max_length=60)
    other_source = models.CharField(max_length=60, blank=True)
    other_uai = models.CharField(max_length=8)
    other_local_id = models.CharField(max_length=60)
    same = models.BooleanField()
    #: What the comparison itself thought, so that its precision is known from the field.
    probability = models.FloatField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["academie", "uai", "local_id"])]
