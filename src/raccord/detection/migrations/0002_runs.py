import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0001_registers"),
        ("territory", "0001_geography"),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année")),
                ("as_of", models.DateField(verbose_name="au")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("comparing", "rapprochement des bases"),
                            ("staging", "préparation des listes"),
                            ("writing", "écriture des dossiers"),
                            ("done", "fini"),
                        ],
                        default="comparing",
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "en cours"),
                            ("done", "terminée"),
                            ("failed", "arrêtée"),
                            ("undone", "annulée"),
                        ],
                        default="running",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("progress", models.CharField(blank=True, max_length=160)),
                ("inputs_hash", models.CharField(blank=True, max_length=64)),
                ("folder", models.CharField(blank=True, max_length=160)),
                ("stats", models.JSONField(blank=True, default=dict)),
                ("troubles", models.JSONField(blank=True, default=list)),
                (
                    "started_by",
                    models.CharField(
                        default="la comparaison de la nuit",
                        max_length=200,
                        verbose_name="lancée par",
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.CharField(blank=True, max_length=200)),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="territory.academie",
                    ),
                ),
            ],
            options={
                "verbose_name": "comparaison",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["academie", "-id"], name="detection_r_academi_2bf44d_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "undone"), _negated=True),
                            ("undone_at__isnull", False),
                            _connector="OR",
                        ),
                        name="run_undone_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "done", "failed", "undone"])),
                        name="run_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("phase__in", ["comparing", "staging", "writing", "done"])
                        ),
                        name="run_phase_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("act", models.CharField(max_length=12)),
                ("row", models.UUIDField()),
                ("case_id", models.UUIDField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("former", models.JSONField(default=dict)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="detection.run",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["run", "act"], name="detection_c_run_id_d45e17_idx"),
                    models.Index(fields=["case_id"], name="detection_c_case_id_d91115_idx"),
                ],
            },
        ),
    ]
