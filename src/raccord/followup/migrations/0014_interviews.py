import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("followup", "0013_relay"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("territory", "0003_structures_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="Interview",
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
                    "on",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="le"),
                ),
                (
                    "schooling",
                    models.CharField(
                        choices=[
                            ("stopped", "a arrêté"),
                            ("absent", "inscrit, ne vient plus"),
                            ("waiting_place", "attend une place"),
                            ("waiting_contract", "cherche un contrat"),
                            ("failed", "a échoué à l’examen"),
                            ("finished", "a fini sa formation"),
                        ],
                        max_length=16,
                        verbose_name="scolarité",
                    ),
                ),
                (
                    "project",
                    models.CharField(
                        choices=[
                            ("clear", "un projet précis"),
                            ("ideas", "des pistes à vérifier"),
                            ("none", "pas encore de projet"),
                        ],
                        max_length=8,
                        verbose_name="projet",
                    ),
                ),
                (
                    "course",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="formation ou métier visé"
                    ),
                ),
                (
                    "wishes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("same_school", "revenir dans son établissement"),
                                ("other_course", "changer de formation"),
                                ("apprenticeship", "apprentissage"),
                                ("work", "travailler"),
                                ("civic_service", "service civique"),
                                ("discover", "découvrir des métiers"),
                                ("breathe", "souffler un temps"),
                                ("exam", "repasser l’examen"),
                            ],
                            max_length=16,
                        ),
                        default=list,
                        size=None,
                        verbose_name="souhaits",
                    ),
                ),
                (
                    "obstacles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("orientation", "orientation à revoir"),
                                ("level", "remise à niveau"),
                                ("contract", "contrat ou employeur à trouver"),
                                ("place", "pas de place dans la formation voulue"),
                                ("transport", "trajet"),
                                ("confidence", "reprendre confiance, rythme à retrouver"),
                                ("paperwork", "démarches à faire"),
                                ("relay", "besoin d’un relais (sans dire lequel)"),
                            ],
                            max_length=16,
                        ),
                        default=list,
                        size=None,
                        verbose_name="freins",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=280, verbose_name="un mot")),
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
                        related_name="interviews",
                        to="followup.case",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "entretien de situation",
                "ordering": ["-on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="InterviewEvent",
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
                    "on",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="le"),
                ),
                (
                    "schooling",
                    models.CharField(
                        choices=[
                            ("stopped", "a arrêté"),
                            ("absent", "inscrit, ne vient plus"),
                            ("waiting_place", "attend une place"),
                            ("waiting_contract", "cherche un contrat"),
                            ("failed", "a échoué à l’examen"),
                            ("finished", "a fini sa formation"),
                        ],
                        max_length=16,
                        verbose_name="scolarité",
                    ),
                ),
                (
                    "project",
                    models.CharField(
                        choices=[
                            ("clear", "un projet précis"),
                            ("ideas", "des pistes à vérifier"),
                            ("none", "pas encore de projet"),
                        ],
                        max_length=8,
                        verbose_name="projet",
                    ),
                ),
                (
                    "course",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="formation ou métier visé"
                    ),
                ),
                (
                    "wishes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("same_school", "revenir dans son établissement"),
                                ("other_course", "changer de formation"),
                                ("apprenticeship", "apprentissage"),
                                ("work", "travailler"),
                                ("civic_service", "service civique"),
                                ("discover", "découvrir des métiers"),
                                ("breathe", "souffler un temps"),
                                ("exam", "repasser l’examen"),
                            ],
                            max_length=16,
                        ),
                        default=list,
                        size=None,
                        verbose_name="souhaits",
                    ),
                ),
                (
                    "obstacles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("orientation", "orientation à revoir"),
                                ("level", "remise à niveau"),
                                ("contract", "contrat ou employeur à trouver"),
                                ("place", "pas de place dans la formation voulue"),
                                ("transport", "trajet"),
                                ("confidence", "reprendre confiance, rythme à retrouver"),
                                ("paperwork", "démarches à faire"),
                                ("relay", "besoin d’un relais (sans dire lequel)"),
                            ],
                            max_length=16,
                        ),
                        default=list,
                        size=None,
                        verbose_name="freins",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=280, verbose_name="un mot")),
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
                        to="followup.interview",
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
            model_name="interview",
            index=models.Index(fields=["case", "-on"], name="interview_of_case"),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "schooling__in",
                        [
                            "stopped",
                            "absent",
                            "waiting_place",
                            "waiting_contract",
                            "failed",
                            "finished",
                        ],
                    )
                ),
                name="interview_schooling_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(("project__in", ["clear", "ideas", "none"])),
                name="interview_project_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="interview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "wishes__contained_by",
                        [
                            "same_school",
                            "other_course",
                            "apprenticeship",
                            "work",
                            "civic_service",
                            "discover",
                            "breathe",
                            "exam",
                        ],
                    ),
                    (
                        "obstacles__contained_by",
                        [
                            "orientation",
                            "level",
                            "contract",
                            "place",
                            "transport",
                            "confidence",
                            "paperwork",
                            "relay",
                        ],
                    ),
                ),
                name="interview_words_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="interview",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_interviewevent" ("by_id", "case_id", "course", "id", "note", "obstacles", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project", "schooling", "structure_id", "wishes") VALUES (OLD."by_id", OLD."case_id", OLD."course", OLD."id", OLD."note", OLD."obstacles", OLD."on", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."project", OLD."schooling", OLD."structure_id", OLD."wishes"); RETURN NULL;',
                    hash="dc15699320fc41a77557b04129ed03139def6d5a",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_07cc7",
                    table="followup_interview",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="interview",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_interviewevent" ("by_id", "case_id", "course", "id", "note", "obstacles", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "project", "schooling", "structure_id", "wishes") VALUES (OLD."by_id", OLD."case_id", OLD."course", OLD."id", OLD."note", OLD."obstacles", OLD."on", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."project", OLD."schooling", OLD."structure_id", OLD."wishes"); RETURN NULL;',
                    hash="8e64d758244b7cb47d70f47faadcbc66d3742e94",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_bdaa3",
                    table="followup_interview",
                    when="AFTER",
                ),
            ),
        ),
    ]
