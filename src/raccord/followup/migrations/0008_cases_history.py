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
        ("followup", "0007_persons_history"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseEvent",
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
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année")),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("under_16", "moins de 16 ans : obligation d’instruction"),
                            ("obligation_16_17", "16-17 ans : obligation de formation"),
                            ("young_graduate", "16-17 ans, diplômé : obligation de formation"),
                            ("dropout", "18 ans et plus, sans diplôme connu"),
                            ("diploma_unknown", "diplôme inconnu (classe terminale)"),
                            ("graduate", "diplômé sans solution"),
                            ("left_academie", "départ annoncé hors de l’académie"),
                            ("age_unknown", "âge inconnu"),
                        ],
                        max_length=20,
                        verbose_name="circuit",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("to_check", "à vérifier"),
                            ("to_confirm", "à confirmer"),
                            ("paused", "en pause"),
                            ("transmitted", "transmis"),
                            ("closed", "clos"),
                        ],
                        default="to_check",
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("spotted", "recensement – repérage"),
                            ("diagnosis", "diagnostic et prescription"),
                            ("care", "prise en charge"),
                        ],
                        default="spotted",
                        max_length=12,
                        verbose_name="étape",
                    ),
                ),
                ("held_since", models.DateField(default=django.utils.timezone.localdate)),
                (
                    "opened_on",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="ouvert le"
                    ),
                ),
                ("opened_by_run", models.BigIntegerField(null=True)),
                ("provisional", models.BooleanField(default=False, verbose_name="provisoire")),
                ("untouched_until", models.DateField(null=True)),
                ("worked_on_at", models.DateTimeField(null=True)),
                ("last_activity_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "contact_state",
                    models.CharField(
                        choices=[
                            ("not_tried", "pas encore appelé"),
                            ("tried", "appelé, sans réponse"),
                            ("reached", "joint"),
                            ("wrong_details", "coordonnées à corriger"),
                            ("opted_out", "ne souhaite pas ce moyen de contact"),
                        ],
                        default="not_tried",
                        max_length=14,
                        verbose_name="contact",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                ("next_act_on", models.DateField(null=True, verbose_name="à reprendre le")),
                (
                    "situation",
                    models.CharField(
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
                        default="unknown",
                        max_length=16,
                    ),
                ),
                ("situation_since", models.DateField(null=True)),
                ("situation_confirmed_on", models.DateField(null=True)),
                ("situation_lapses_on", models.DateField(null=True)),
                (
                    "situation_proof",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("register", "vu dans une base"),
                            ("certificate", "certificat ou attestation"),
                            ("contract", "contrat"),
                            ("declaration", "déclaration du jeune ou de sa famille"),
                            ("structure", "dit par la structure qui l’accueille"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("found", "retrouvé dans une base"),
                            ("schooled", "scolarisé"),
                            ("apprentice", "apprenti"),
                            ("trainee", "stagiaire de la formation professionnelle"),
                            ("job", "en emploi"),
                            ("civic_service", "en service civique"),
                            ("accompanied", "accompagné par un partenaire"),
                            ("abroad", "scolarisé à l’étranger"),
                            ("exempt", "exempté de l’obligation"),
                            ("left_territory", "passé à un autre territoire"),
                            ("false_alarm", "fausse alerte"),
                            ("age_limit", "26 ans révolus"),
                            ("silent", "clos"),
                            ("undone", "annulé (la comparaison a été annulée)"),
                        ],
                        max_length=16,
                        verbose_name="devenir",
                    ),
                ),
                (
                    "false_alarm",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("still_here", "toujours inscrit chez nous"),
                            ("enrolled_elsewhere", "inscrit dans un autre établissement"),
                            ("duplicate", "en double sur la liste"),
                            ("diploma_held", "a obtenu son diplôme"),
                            ("wrong_age", "date de naissance fausse dans la base"),
                            ("never_pupil", "n’a jamais été élève ici"),
                        ],
                        max_length=20,
                    ),
                ),
                ("closed_on", models.DateField(null=True, verbose_name="clos le")),
                ("closed_by_run", models.BigIntegerField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
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
                    "assigned_to",
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
                    "basin",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.basin",
                    ),
                ),
                (
                    "closed_by",
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
                    "departement",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.departement",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.structure",
                        verbose_name="structure qui suit",
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
                        to="followup.case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="followup.person",
                    ),
                ),
                ("left_on", models.DateField(null=True, verbose_name="sorti le")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_caseevent" ("academie_id", "assigned_to_id", "attempts", "basin_id", "closed_by_id", "closed_by_run", "closed_on", "contact_state", "departement_id", "false_alarm", "held_since", "holder_id", "id", "lane", "last_activity_at", "left_on", "next_act_on", "opened_by_run", "opened_on", "outcome", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provisional", "school_year", "situation", "situation_confirmed_on", "situation_lapses_on", "situation_proof", "situation_since", "stage", "status", "untouched_until", "version", "worked_on_at") VALUES (OLD."academie_id", OLD."assigned_to_id", OLD."attempts", OLD."basin_id", OLD."closed_by_id", OLD."closed_by_run", OLD."closed_on", OLD."contact_state", OLD."departement_id", OLD."false_alarm", OLD."held_since", OLD."holder_id", OLD."id", OLD."lane", OLD."last_activity_at", OLD."left_on", OLD."next_act_on", OLD."opened_by_run", OLD."opened_on", OLD."outcome", OLD."person_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."provisional", OLD."school_year", OLD."situation", OLD."situation_confirmed_on", OLD."situation_lapses_on", OLD."situation_proof", OLD."situation_since", OLD."stage", OLD."status", OLD."untouched_until", OLD."version", OLD."worked_on_at"); RETURN NULL;',
                    hash="05a56290524483bc71eccd154769c4281cfcd041",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2cef0",
                    table="followup_case",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="case",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_caseevent" ("academie_id", "assigned_to_id", "attempts", "basin_id", "closed_by_id", "closed_by_run", "closed_on", "contact_state", "departement_id", "false_alarm", "held_since", "holder_id", "id", "lane", "last_activity_at", "left_on", "next_act_on", "opened_by_run", "opened_on", "outcome", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provisional", "school_year", "situation", "situation_confirmed_on", "situation_lapses_on", "situation_proof", "situation_since", "stage", "status", "untouched_until", "version", "worked_on_at") VALUES (OLD."academie_id", OLD."assigned_to_id", OLD."attempts", OLD."basin_id", OLD."closed_by_id", OLD."closed_by_run", OLD."closed_on", OLD."contact_state", OLD."departement_id", OLD."false_alarm", OLD."held_since", OLD."holder_id", OLD."id", OLD."lane", OLD."last_activity_at", OLD."left_on", OLD."next_act_on", OLD."opened_by_run", OLD."opened_on", OLD."outcome", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."provisional", OLD."school_year", OLD."situation", OLD."situation_confirmed_on", OLD."situation_lapses_on", OLD."situation_proof", OLD."situation_since", OLD."stage", OLD."status", OLD."untouched_until", OLD."version", OLD."worked_on_at"); RETURN NULL;',
                    hash="3280d0f3ba24c328b4ace5154b5a3521b1a650c2",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a8268",
                    table="followup_case",
                    when="AFTER",
                ),
            ),
        ),
    ]
