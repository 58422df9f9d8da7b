import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=160, verbose_name="nom de la base")),
                ("format", models.CharField(blank=True, max_length=40)),
                ("source", models.CharField(blank=True, max_length=60)),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("inscription", "inscriptions"),
                            ("diplome", "résultats d’examens"),
                            ("accompagnement", "jeunes déjà suivis"),
                        ],
                        default="inscription",
                        max_length=16,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            (
                                "both",
                                "ses élèves sont suivis, et il sert à retrouver ceux des autres",
                            ),
                            ("after", "il sert seulement à retrouver"),
                        ],
                        default="both",
                        max_length=8,
                        verbose_name="rôle",
                    ),
                ),
                (
                    "expected_every",
                    models.PositiveSmallIntegerField(
                        default=1, verbose_name="attendue tous les (jours)"
                    ),
                ),
                (
                    "expected_from",
                    models.EmailField(
                        blank=True,
                        max_length=254,
                        verbose_name="adresse de la personne qui la dépose",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="en service")),
                ("last_received_at", models.DateTimeField(editable=False, null=True)),
                ("last_accepted_at", models.DateTimeField(editable=False, null=True)),
                ("last_exported_on", models.DateField(editable=False, null=True)),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feeds",
                        to="territory.academie",
                        verbose_name="académie",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        blank=True,
                        help_text="Laissez vide pour une base de toute l’académie.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feeds",
                        to="territory.structure",
                        verbose_name="établissement",
                    ),
                ),
                (
                    "pulled",
                    models.BooleanField(
                        default=False, verbose_name="demandée chaque nuit au service SIECLE"
                    ),
                ),
            ],
            options={
                "verbose_name": "base",
                "ordering": ["label", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("academie", "label"), name="feed_label_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("nature__in", ["inscription", "diplome", "accompagnement"])
                        ),
                        name="feed_nature_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["both", "after"])), name="feed_side_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("pulled", False), ("structure__isnull", False), _connector="OR"
                        ),
                        name="feed_pulled_by_uai",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deposit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("author", models.CharField(max_length=200, verbose_name="déposée par")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("upload", "le site"),
                            ("folder", "le dossier surveillé"),
                            ("command", "la ligne de commande"),
                            ("pull", "le service de la base"),
                        ],
                        max_length=8,
                        verbose_name="par",
                    ),
                ),
                ("document", models.CharField(max_length=255, verbose_name="fichier")),
                ("file_hash", models.CharField(blank=True, max_length=64)),
                (
                    "received_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="reçue le"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("accepted", "acceptée"),
                            ("quarantined", "mise de côté"),
                            ("refused", "refusée"),
                            ("withdrawn", "retirée"),
                        ],
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                ("reasons", models.JSONField(blank=True, default=list)),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="lignes")),
                ("snapshot", models.CharField(blank=True, max_length=60)),
                ("school_year", models.PositiveSmallIntegerField(null=True)),
                ("exported_on", models.DateField(null=True, verbose_name="exportée le")),
                ("state_on", models.DateField()),
                ("forced_by", models.CharField(blank=True, max_length=200)),
                ("forced_because", models.CharField(blank=True, max_length=280)),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.academie",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposits",
                        to="detection.feed",
                    ),
                ),
            ],
            options={
                "verbose_name": "dépôt",
                "ordering": ["-received_at", "-id"],
                "indexes": [
                    models.Index(
                        fields=["feed", "status", "-state_on"],
                        name="detection_d_feed_id_55996a_idx",
                    ),
                    models.Index(
                        fields=["academie", "-received_at"], name="detection_d_academi_8420cd_idx"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["accepted", "quarantined", "refused", "withdrawn"])
                        ),
                        name="deposit_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["upload", "folder", "command", "pull"])),
                        name="deposit_how_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "accepted"), _negated=True),
                            models.Q(
                                models.Q(("snapshot", ""), _negated=True), ("feed__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="deposit_accepted_is_kept",
                    ),
                ],
            },
        ),
    ]
