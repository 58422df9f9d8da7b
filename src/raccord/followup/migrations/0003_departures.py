import django.db.models.deletion
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0002_cases"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Departure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=raccord.followup.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année")),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="base")),
                (
                    "local_id",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="identifiant dans la base"
                    ),
                ),
                (
                    "level",
                    models.CharField(blank=True, max_length=60, verbose_name="niveau et filière"),
                ),
                ("course", models.CharField(blank=True, max_length=120, verbose_name="formation")),
                ("mef", models.CharField(blank=True, max_length=15)),
                (
                    "school_status",
                    models.CharField(blank=True, max_length=20, verbose_name="statut"),
                ),
                ("entered_on", models.DateField(null=True, verbose_name="entré le")),
                ("left_on", models.DateField(null=True, verbose_name="sorti le")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("register", "la comparaison des bases"),
                            ("no_longer_comes", "l’établissement : ne vient plus"),
                            ("never_came", "l’établissement : n’est jamais venu"),
                            ("announced", "l’établissement : annonce son départ"),
                            ("failed_exam", "l’établissement : échec à l’examen, non revenu"),
                        ],
                        default="register",
                        max_length=16,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("reorientation", "mauvaise orientation, souhaite changer"),
                            ("no_place", "pas d’affectation ou de place"),
                            ("no_contract", "pas de contrat d’apprentissage"),
                            ("contract_broken", "contrat d’apprentissage rompu"),
                            ("work", "a trouvé un emploi"),
                            ("moved", "déménagement"),
                            ("failed_exam", "échec à l’examen, non réinscrit"),
                            ("school_weary", "ne veut plus aller en cours"),
                            ("transport", "trajet trop long"),
                            ("unknown", "non connu"),
                        ],
                        max_length=16,
                        verbose_name="motif",
                    ),
                ),
                ("verdict", models.CharField(default="missing", max_length=8)),
                ("probability", models.FloatField(null=True)),
                ("evidence", models.JSONField(blank=True, default=dict)),
                (
                    "followed_by",
                    models.CharField(blank=True, max_length=160, verbose_name="déjà suivi par"),
                ),
                ("run_id", models.BigIntegerField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="departures",
                        to="followup.case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="departures",
                        to="followup.person",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="departures",
                        to="territory.structure",
                        verbose_name="établissement quitté",
                    ),
                ),
            ],
            options={
                "verbose_name": "sortie",
                "indexes": [
                    models.Index(
                        fields=["structure", "school_year"], name="followup_de_structu_93cdcb_idx"
                    ),
                    models.Index(fields=["structure", "level"], name="departure_classes"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("local_id", ""), _negated=True),
                        fields=("structure", "school_year", "source", "local_id"),
                        name="departure_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "origin__in",
                                [
                                    "register",
                                    "no_longer_comes",
                                    "never_came",
                                    "announced",
                                    "failed_exam",
                                ],
                            )
                        ),
                        name="departure_origin_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "",
                                    "reorientation",
                                    "no_place",
                                    "no_contract",
                                    "contract_broken",
                                    "work",
                                    "moved",
                                    "failed_exam",
                                    "school_weary",
                                    "transport",
                                    "unknown",
                                ],
                            )
                        ),
                        name="departure_reason_known",
                    ),
                ],
            },
        ),
    ]
