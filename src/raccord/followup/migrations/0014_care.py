import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0014_proposals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
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
                ("months", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[("due", "à faire"), ("done", "fait"), ("overtaken", "sans objet")],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("done_on", models.DateField(null=True)),
                (
                    "situation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("schooled", "scolarisé (public ou privé sous contrat)"),
                            ("agriculture", "scolarisé dans l’enseignement agricole"),
                            ("hors_contrat", "scolarisé dans le privé hors contrat"),
                            ("abroad", "scolarisé à l’étranger"),
                            ("distance", "enseignement à distance (CNED)"),
                            ("home", "instruction dans la famille"),
                            ("apprentice", "apprenti"),
                            ("trainee", "stagiaire de la formation professionnelle"),
                            ("job", "en emploi"),
                            ("civic_service", "en service civique"),
                            ("accompanied", "accompagné par un partenaire"),
                            ("exempt", "exempté de l’obligation"),
                            ("no_solution", "sans solution"),
                            ("left_territory", "a quitté le territoire"),
                            ("unknown", "situation inconnue"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="followup.case",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "devenir",
                "ordering": ["due_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="ReviewEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "id",
                    models.UUIDField(
                        default=raccord.followup.identifiers.new_id, editable=False, serialize=False
                    ),
                ),
                ("months", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[("due", "à faire"), ("done", "fait"), ("overtaken", "sans objet")],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("done_on", models.DateField(null=True)),
                (
                    "situation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("schooled", "scolarisé (public ou privé sous contrat)"),
                            ("agriculture", "scolarisé dans l’enseignement agricole"),
                            ("hors_contrat", "scolarisé dans le privé hors contrat"),
                            ("abroad", "scolarisé à l’étranger"),
                            ("distance", "enseignement à distance (CNED)"),
                            ("home", "instruction dans la famille"),
                            ("apprentice", "apprenti"),
                            ("trainee", "stagiaire de la formation professionnelle"),
                            ("job", "en emploi"),
                            ("civic_service", "en service civique"),
                            ("accompanied", "accompagné par un partenaire"),
                            ("exempt", "exempté de l’obligation"),
                            ("no_solution", "sans solution"),
                            ("left_territory", "a quitté le territoire"),
                            ("unknown", "situation inconnue"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="followup.case",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="followup.review",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("status", "due")),
                fields=["due_on", "case"],
                name="review_to_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(fields=("case", "due_on"), name="review_once"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__in", [1, 3, 6, 12])), name="review_months_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["due", "done", "overtaken"])),
                name="review_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "situation__in",
                        [
                            "",
                            "schooled",
                            "agriculture",
                            "hors_contrat",
                            "abroad",
                            "distance",
                            "home",
                            "apprentice",
                            "trainee",
                            "job",
                            "civic_service",
                            "accompanied",
                            "exempt",
                            "no_solution",
                            "left_territory",
                            "unknown",
                        ],
                    )
                ),
                name="review_situation_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "done"), _negated=True),
                    models.Q(
                        ("done_on__isnull", False), models.Q(("situation", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="review_done_says_what",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_reviewevent" ("case_id", "done_by_id", "done_on", "due_on", "id", "months", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "situation", "status") VALUES (OLD."case_id", OLD."done_by_id", OLD."done_on", OLD."due_on", OLD."id", OLD."months", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."situation", OLD."status"); RETURN NULL;',
                    hash="1998a161e227dce867ed84818b278856bf0ec719",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b74e3",
                    table="followup_review",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_reviewevent" ("case_id", "done_by_id", "done_on", "due_on", "id", "months", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "situation", "status") VALUES (OLD."case_id", OLD."done_by_id", OLD."done_on", OLD."due_on", OLD."id", OLD."months", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."situation", OLD."status"); RETURN NULL;',
                    hash="431277a6cb59ec5b76341fdf678c0ec02f586ef5",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1f854",
                    table="followup_review",
                    when="AFTER",
                ),
            ),
        ),
    ]
