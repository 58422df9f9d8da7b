import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0008_cases_history"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="DepartureEvent",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
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
                        to="followup.departure",
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
                        verbose_name="établissement quitté",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="departure",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_departureevent" ("case_id", "course", "entered_on", "evidence", "followed_by", "id", "left_on", "level", "local_id", "mef", "origin", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "probability", "reason", "run_id", "school_status", "school_year", "source", "structure_id", "verdict") VALUES (OLD."case_id", OLD."course", OLD."entered_on", OLD."evidence", OLD."followed_by", OLD."id", OLD."left_on", OLD."level", OLD."local_id", OLD."mef", OLD."origin", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."probability", OLD."reason", OLD."run_id", OLD."school_status", OLD."school_year", OLD."source", OLD."structure_id", OLD."verdict"); RETURN NULL;',
                    hash="f9e7bae044e58cea4c3b49b1caebbaa4c5fc486f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_75df2",
                    table="followup_departure",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="departure",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_departureevent" ("case_id", "course", "entered_on", "evidence", "followed_by", "id", "left_on", "level", "local_id", "mef", "origin", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "probability", "reason", "run_id", "school_status", "school_year", "source", "structure_id", "verdict") VALUES (OLD."case_id", OLD."course", OLD."entered_on", OLD."evidence", OLD."followed_by", OLD."id", OLD."left_on", OLD."level", OLD."local_id", OLD."mef", OLD."origin", OLD."person_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."probability", OLD."reason", OLD."run_id", OLD."school_status", OLD."school_year", OLD."source", OLD."structure_id", OLD."verdict"); RETURN NULL;',
                    hash="31cbb8d2360f54023b44098bf04ae1e1d3bc3a00",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_5ed1c",
                    table="followup_departure",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="DestinationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="base")),
                ("uai", models.CharField(blank=True, max_length=8)),
                ("local_id", models.CharField(blank=True, max_length=60)),
                ("place", models.CharField(blank=True, max_length=160, verbose_name="lieu")),
                ("seen_on", models.DateField(verbose_name="vu le")),
                ("matched_by", models.CharField(blank=True, max_length=12)),
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
                        to="followup.destination",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
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
        pgtrigger.migrations.AddTrigger(
            model_name="destination",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_destinationevent" ("case_id", "id", "local_id", "matched_by", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "seen_on", "source", "structure_id", "uai") VALUES (OLD."case_id", OLD."id", OLD."local_id", OLD."matched_by", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."place", OLD."seen_on", OLD."source", OLD."structure_id", OLD."uai"); RETURN NULL;',
                    hash="0f25733fbe2557754a3c2c5425840401f6d699a4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_fcf10",
                    table="followup_destination",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="destination",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_destinationevent" ("case_id", "id", "local_id", "matched_by", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "seen_on", "source", "structure_id", "uai") VALUES (OLD."case_id", OLD."id", OLD."local_id", OLD."matched_by", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."place", OLD."seen_on", OLD."source", OLD."structure_id", OLD."uai"); RETURN NULL;',
                    hash="24102351f18594894571fc6d636125a926143f1b",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_8a987",
                    table="followup_destination",
                    when="AFTER",
                ),
            ),
        ),
    ]
