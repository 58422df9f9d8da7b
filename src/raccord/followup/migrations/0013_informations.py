import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0013_handovers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Information",
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
                    "by",
                    models.CharField(
                        choices=[
                            ("letter", "par courrier"),
                            ("message", "par SMS ou courriel"),
                            ("call", "au téléphone"),
                            ("meeting", "en entretien"),
                        ],
                        max_length=8,
                        verbose_name="comment",
                    ),
                ),
                (
                    "who",
                    models.CharField(
                        choices=[
                            ("youth", "le jeune"),
                            ("representative", "un représentant légal"),
                            ("both", "le jeune et un représentant légal"),
                        ],
                        max_length=16,
                        verbose_name="qui",
                    ),
                ),
                (
                    "objects_to",
                    models.BooleanField(default=False, verbose_name="s’oppose à la transmission"),
                ),
                ("lifted_on", models.DateField(null=True, verbose_name="opposition levée le")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="informations",
                        to="followup.case",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "information du jeune",
                "ordering": ["-on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="InformationEvent",
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
                    "by",
                    models.CharField(
                        choices=[
                            ("letter", "par courrier"),
                            ("message", "par SMS ou courriel"),
                            ("call", "au téléphone"),
                            ("meeting", "en entretien"),
                        ],
                        max_length=8,
                        verbose_name="comment",
                    ),
                ),
                (
                    "who",
                    models.CharField(
                        choices=[
                            ("youth", "le jeune"),
                            ("representative", "un représentant légal"),
                            ("both", "le jeune et un représentant légal"),
                        ],
                        max_length=16,
                        verbose_name="qui",
                    ),
                ),
                (
                    "objects_to",
                    models.BooleanField(default=False, verbose_name="s’oppose à la transmission"),
                ),
                ("lifted_on", models.DateField(null=True, verbose_name="opposition levée le")),
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
                        to="followup.information",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="information",
            index=models.Index(fields=["case", "-on"], name="information_of_case"),
        ),
        migrations.AddConstraint(
            model_name="information",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lifted_on__isnull", True), ("objects_to", True), _connector="OR"
                ),
                name="information_lifts_an_objection",
            ),
        ),
        migrations.AddConstraint(
            model_name="information",
            constraint=models.CheckConstraint(
                condition=models.Q(("by__in", ["letter", "message", "call", "meeting"])),
                name="information_by_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="information",
            constraint=models.CheckConstraint(
                condition=models.Q(("who__in", ["youth", "representative", "both"])),
                name="information_who_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="information",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_informationevent" ("by", "case_id", "id", "lifted_on", "objects_to", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "who") VALUES (OLD."by", OLD."case_id", OLD."id", OLD."lifted_on", OLD."objects_to", OLD."on", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."recorded_by_id", OLD."who"); RETURN NULL;',
                    hash="ebeda2056b9347772bfaa630c6fcfd09864532f5",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_94ff2",
                    table="followup_information",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="information",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_informationevent" ("by", "case_id", "id", "lifted_on", "objects_to", "on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "who") VALUES (OLD."by", OLD."case_id", OLD."id", OLD."lifted_on", OLD."objects_to", OLD."on", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."recorded_by_id", OLD."who"); RETURN NULL;',
                    hash="a7211f6230b17dcf2a4f406e330edd907c528c4c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_61a09",
                    table="followup_information",
                    when="AFTER",
                ),
            ),
        ),
    ]
