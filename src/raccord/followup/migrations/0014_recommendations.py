import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0014_interviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recommendation",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("return", "retour en formation sous statut scolaire"),
                            ("cfa", "apprentissage (CFA)"),
                            ("agriculture", "formation agricole"),
                            ("mlds_action", "action de la MLDS"),
                            ("return_structure", "structure de retour à l’école (microlycée…)"),
                            ("e2c", "école de la deuxième chance"),
                            ("epide", "EPIDE"),
                            ("rsma", "RSMA"),
                            ("mission_locale", "accompagnement par la mission locale"),
                            ("training", "formation professionnelle"),
                            ("job", "emploi"),
                            ("civic_service", "service civique"),
                            ("employment_platform", "plateforme vers l’emploi"),
                            ("discovery", "stage ou découverte de métiers"),
                            ("distance", "enseignement à distance (CNED)"),
                            ("other_partner", "accompagnement par un partenaire"),
                        ],
                        max_length=24,
                        verbose_name="préconisation",
                    ),
                ),
                (
                    "course",
                    models.CharField(blank=True, max_length=120, verbose_name="formation visée"),
                ),
                ("note", models.CharField(blank=True, max_length=280, verbose_name="un mot")),
                (
                    "on",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="le"),
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recommendations",
                        to="followup.case",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                        verbose_name="groupe d’appui",
                    ),
                ),
            ],
            options={
                "verbose_name": "préconisation",
                "ordering": ["-on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="RecommendationEvent",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("return", "retour en formation sous statut scolaire"),
                            ("cfa", "apprentissage (CFA)"),
                            ("agriculture", "formation agricole"),
                            ("mlds_action", "action de la MLDS"),
                            ("return_structure", "structure de retour à l’école (microlycée…)"),
                            ("e2c", "école de la deuxième chance"),
                            ("epide", "EPIDE"),
                            ("rsma", "RSMA"),
                            ("mission_locale", "accompagnement par la mission locale"),
                            ("training", "formation professionnelle"),
                            ("job", "emploi"),
                            ("civic_service", "service civique"),
                            ("employment_platform", "plateforme vers l’emploi"),
                            ("discovery", "stage ou découverte de métiers"),
                            ("distance", "enseignement à distance (CNED)"),
                            ("other_partner", "accompagnement par un partenaire"),
                        ],
                        max_length=24,
                        verbose_name="préconisation",
                    ),
                ),
                (
                    "course",
                    models.CharField(blank=True, max_length=120, verbose_name="formation visée"),
                ),
                ("note", models.CharField(blank=True, max_length=280, verbose_name="un mot")),
                (
                    "on",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="le"),
                ),
                (
                    "by",
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
                        to="followup.recommendation",
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
                        verbose_name="groupe d’appui",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="recommendation",
            index=models.Index(fields=["case", "-on"], name="recommendation_of_case"),
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "return",
                            "cfa",
                            "agriculture",
                            "mlds_action",
                            "return_structure",
                            "e2c",
                            "epide",
                            "rsma",
                            "mission_locale",
                            "training",
                            "job",
                            "civic_service",
                            "employment_platform",
                            "discovery",
                            "distance",
                            "other_partner",
                        ],
                    )
                ),
                name="recommendation_kind_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recommendation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_recommendationevent" ("by_id", "case_id", "course", "id", "kind", "note", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "structure_id") VALUES (OLD."by_id", OLD."case_id", OLD."course", OLD."id", OLD."kind", OLD."note", OLD."on", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."structure_id"); RETURN NULL;',
                    hash="059db83a054933da170d9d0c7b34e994ea8391cc",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ee540",
                    table="followup_recommendation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recommendation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_recommendationevent" ("by_id", "case_id", "course", "id", "kind", "note", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "structure_id") VALUES (OLD."by_id", OLD."case_id", OLD."course", OLD."id", OLD."kind", OLD."note", OLD."on", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."structure_id"); RETURN NULL;',
                    hash="e270a44f0b427c40d692cb33e1ecedd17ecfd9bb",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_0f879",
                    table="followup_recommendation",
                    when="AFTER",
                ),
            ),
        ),
    ]
