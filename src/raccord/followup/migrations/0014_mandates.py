import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0014_recommendations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mandate",
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
                ("given_on", models.DateField(default=django.utils.timezone.localdate)),
                ("report_by", models.DateField(verbose_name="compte rendu attendu le")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("given", "en cours"),
                            ("reported", "compte rendu fait"),
                            ("withdrawn", "retiré"),
                        ],
                        default="given",
                        max_length=12,
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solution", "une solution a commencé"),
                            ("under_way", "accompagnement en cours"),
                            ("not_reached", "jeune non joint"),
                            ("refused", "proposition refusée"),
                            ("sent_back", "à revoir en groupe d’appui"),
                        ],
                        max_length=12,
                        verbose_name="compte rendu",
                    ),
                ),
                ("reported_on", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=280, verbose_name="un mot")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mandates",
                        to="followup.case",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "given_by_structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                        verbose_name="structure mandatée",
                    ),
                ),
            ],
            options={
                "verbose_name": "mandat",
                "ordering": ["-given_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="MandateEvent",
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
                ("given_on", models.DateField(default=django.utils.timezone.localdate)),
                ("report_by", models.DateField(verbose_name="compte rendu attendu le")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("given", "en cours"),
                            ("reported", "compte rendu fait"),
                            ("withdrawn", "retiré"),
                        ],
                        default="given",
                        max_length=12,
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solution", "une solution a commencé"),
                            ("under_way", "accompagnement en cours"),
                            ("not_reached", "jeune non joint"),
                            ("refused", "proposition refusée"),
                            ("sent_back", "à revoir en groupe d’appui"),
                        ],
                        max_length=12,
                        verbose_name="compte rendu",
                    ),
                ),
                ("reported_on", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=280, verbose_name="un mot")),
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
                    "given_by",
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
                    "given_by_structure",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.structure",
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
                        to="followup.mandate",
                    ),
                ),
                (
                    "reported_by",
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
                    "structure",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.structure",
                        verbose_name="structure mandatée",
                    ),
                ),
                (
                    "recommendation",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="followup.recommendation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="mandate",
            name="recommendation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="mandates",
                to="followup.recommendation",
            ),
        ),
        migrations.AddIndex(
            model_name="mandate",
            index=models.Index(fields=["case", "-given_on"], name="mandate_of_case"),
        ),
        migrations.AddIndex(
            model_name="mandate",
            index=models.Index(
                condition=models.Q(("status", "given")),
                fields=["structure", "report_by"],
                name="mandate_to_report",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["given", "reported", "withdrawn"])),
                name="mandate_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "result__in",
                        ["", "solution", "under_way", "not_reached", "refused", "sent_back"],
                    )
                ),
                name="mandate_result_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("report_by__gte", models.F("given_on"))),
                name="mandate_reports_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "reported"), _negated=True),
                    models.Q(
                        ("reported_on__isnull", False), models.Q(("result", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="mandate_report_says_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "given")),
                fields=("case", "structure"),
                name="mandate_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mandate",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_mandateevent" ("case_id", "given_by_id", "given_by_structure_id", "given_on", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recommendation_id", "report_by", "reported_by_id", "reported_on", "result", "status", "structure_id") VALUES (OLD."case_id", OLD."given_by_id", OLD."given_by_structure_id", OLD."given_on", OLD."id", OLD."note", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."recommendation_id", OLD."report_by", OLD."reported_by_id", OLD."reported_on", OLD."result", OLD."status", OLD."structure_id"); RETURN NULL;',
                    hash="26402d16b7e44aa752ffe0cc3e563e18f73c2689",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0ffea",
                    table="followup_mandate",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mandate",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_mandateevent" ("case_id", "given_by_id", "given_by_structure_id", "given_on", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recommendation_id", "report_by", "reported_by_id", "reported_on", "result", "status", "structure_id") VALUES (OLD."case_id", OLD."given_by_id", OLD."given_by_structure_id", OLD."given_on", OLD."id", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."recommendation_id", OLD."report_by", OLD."reported_by_id", OLD."reported_on", OLD."result", OLD."status", OLD."structure_id"); RETURN NULL;',
                    hash="6ab77b1c5a3f7185041686ab1c79a27bf45e7410",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ea81e",
                    table="followup_mandate",
                    when="AFTER",
                ),
            ),
        ),
    ]
