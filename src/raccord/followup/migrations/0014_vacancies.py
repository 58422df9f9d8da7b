import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0014_mandates"),
    ]

    operations = [
        migrations.CreateModel(
            name="Vacancy",
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
                        verbose_name="type",
                    ),
                ),
                ("course", models.CharField(max_length=120, verbose_name="formation")),
                ("level", models.PositiveSmallIntegerField(default=0, verbose_name="niveau")),
                ("stream", models.CharField(blank=True, max_length=60, verbose_name="domaine")),
                ("places", models.PositiveSmallIntegerField(default=1, verbose_name="places")),
                ("starts_on", models.DateField(null=True, verbose_name="entrée le")),
                (
                    "confirmed_on",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="confirmée le"
                    ),
                ),
                ("withdrawn_on", models.DateField(null=True)),
                ("source", models.CharField(blank=True, max_length=60)),
                ("reference", models.CharField(blank=True, max_length=80)),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territory.academie",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="territory.commune",
                    ),
                ),
                (
                    "entered_by",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vacancies",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "place vacante",
                "ordering": ["-confirmed_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="VacancyEvent",
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
                        verbose_name="type",
                    ),
                ),
                ("course", models.CharField(max_length=120, verbose_name="formation")),
                ("level", models.PositiveSmallIntegerField(default=0, verbose_name="niveau")),
                ("stream", models.CharField(blank=True, max_length=60, verbose_name="domaine")),
                ("places", models.PositiveSmallIntegerField(default=1, verbose_name="places")),
                ("starts_on", models.DateField(null=True, verbose_name="entrée le")),
                (
                    "confirmed_on",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="confirmée le"
                    ),
                ),
                ("withdrawn_on", models.DateField(null=True)),
                ("source", models.CharField(blank=True, max_length=60)),
                ("reference", models.CharField(blank=True, max_length=80)),
                (
                    "academie",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.academie",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.commune",
                    ),
                ),
                (
                    "entered_by",
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
                        to="followup.vacancy",
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
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="vacancy",
            index=models.Index(
                condition=models.Q(("withdrawn_on__isnull", True)),
                fields=["academie", "kind"],
                name="vacancy_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
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
                name="vacancy_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__lte", 8)), name="vacancy_level_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reference", ""), _negated=True),
                fields=("source", "reference"),
                name="vacancy_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vacancy",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_vacancyevent" ("academie_id", "commune_id", "confirmed_on", "course", "entered_by_id", "id", "kind", "level", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "places", "reference", "source", "starts_on", "stream", "structure_id", "withdrawn_on") VALUES (OLD."academie_id", OLD."commune_id", OLD."confirmed_on", OLD."course", OLD."entered_by_id", OLD."id", OLD."kind", OLD."level", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."places", OLD."reference", OLD."source", OLD."starts_on", OLD."stream", OLD."structure_id", OLD."withdrawn_on"); RETURN NULL;',
                    hash="531084ef118b3c443dd77586c57f53b34cfde1d3",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_99054",
                    table="followup_vacancy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vacancy",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_vacancyevent" ("academie_id", "commune_id", "confirmed_on", "course", "entered_by_id", "id", "kind", "level", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "places", "reference", "source", "starts_on", "stream", "structure_id", "withdrawn_on") VALUES (OLD."academie_id", OLD."commune_id", OLD."confirmed_on", OLD."course", OLD."entered_by_id", OLD."id", OLD."kind", OLD."level", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."places", OLD."reference", OLD."source", OLD."starts_on", OLD."stream", OLD."structure_id", OLD."withdrawn_on"); RETURN NULL;',
                    hash="144fcb9f95b21cedd983aa86a41ad6b3d2de93c4",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ff4a1",
                    table="followup_vacancy",
                    when="AFTER",
                ),
            ),
        ),
    ]
