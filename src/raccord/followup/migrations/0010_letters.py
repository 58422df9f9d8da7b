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
        ("followup", "0009_departures_history"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("first_contact", "premier contact"),
                            ("reminder", "relance"),
                            ("transmission", "information avant transmission à un partenaire"),
                            ("notice", "information sur l’utilisation des données"),
                        ],
                        max_length=16,
                        verbose_name="objet",
                    ),
                ),
                (
                    "medium",
                    models.CharField(
                        choices=[("letter", "courrier"), ("sms", "SMS"), ("email", "courriel")],
                        max_length=8,
                        verbose_name="moyen",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("family", "à la famille (mineur)"),
                            ("youth", "au jeune lui-même (majeur)"),
                        ],
                        max_length=8,
                        verbose_name="destinataire",
                    ),
                ),
                (
                    "subject",
                    models.CharField(blank=True, max_length=120, verbose_name="objet du message"),
                ),
                ("body", models.TextField(max_length=4000, verbose_name="texte")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approuvé le")),
                (
                    "approved_by",
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
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letter_templates",
                        to="territory.structure",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "modèle de courrier",
                "ordering": ["purpose", "medium", "audience", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("structure", "purpose", "medium", "audience"),
                        name="letter_template_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purpose__in", ["first_contact", "reminder", "transmission", "notice"])
                        ),
                        name="lettertemplate_purpose_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("medium__in", ["letter", "sms", "email"])),
                        name="lettertemplate_medium_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("audience__in", ["family", "youth"])),
                        name="lettertemplate_audience_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterTemplateEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("first_contact", "premier contact"),
                            ("reminder", "relance"),
                            ("transmission", "information avant transmission à un partenaire"),
                            ("notice", "information sur l’utilisation des données"),
                        ],
                        max_length=16,
                        verbose_name="objet",
                    ),
                ),
                (
                    "medium",
                    models.CharField(
                        choices=[("letter", "courrier"), ("sms", "SMS"), ("email", "courriel")],
                        max_length=8,
                        verbose_name="moyen",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("family", "à la famille (mineur)"),
                            ("youth", "au jeune lui-même (majeur)"),
                        ],
                        max_length=8,
                        verbose_name="destinataire",
                    ),
                ),
                (
                    "subject",
                    models.CharField(blank=True, max_length=120, verbose_name="objet du message"),
                ),
                ("body", models.TextField(max_length=4000, verbose_name="texte")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approuvé le")),
                (
                    "approved_by",
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
                        to="followup.lettertemplate",
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
                (
                    "written_by",
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
        pgtrigger.migrations.AddTrigger(
            model_name="lettertemplate",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_lettertemplateevent" ("approved_at", "approved_by_id", "audience", "body", "id", "medium", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "structure_id", "subject", "written_by_id") VALUES (OLD."approved_at", OLD."approved_by_id", OLD."audience", OLD."body", OLD."id", OLD."medium", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."purpose", OLD."structure_id", OLD."subject", OLD."written_by_id"); RETURN NULL;',
                    hash="34371b2374e80a94a21fd549e1983cda777abdaf",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_84e40",
                    table="followup_lettertemplate",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lettertemplate",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_lettertemplateevent" ("approved_at", "approved_by_id", "audience", "body", "id", "medium", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "purpose", "structure_id", "subject", "written_by_id") VALUES (OLD."approved_at", OLD."approved_by_id", OLD."audience", OLD."body", OLD."id", OLD."medium", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."purpose", OLD."structure_id", OLD."subject", OLD."written_by_id"); RETURN NULL;',
                    hash="5e57d3f3616a91d220d5eb506ae922e8b9da2b92",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a85fb",
                    table="followup_lettertemplate",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="Message",
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
                    "purpose",
                    models.CharField(
                        choices=[
                            ("first_contact", "premier contact"),
                            ("reminder", "relance"),
                            ("transmission", "information avant transmission à un partenaire"),
                            ("notice", "information sur l’utilisation des données"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "medium",
                    models.CharField(
                        choices=[("letter", "courrier"), ("sms", "SMS"), ("email", "courriel")],
                        max_length=8,
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("family", "à la famille (mineur)"),
                            ("youth", "au jeune lui-même (majeur)"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("printed", "imprimé"),
                            ("waiting", "à envoyer"),
                            ("sent", "envoyé"),
                            ("failed", "non parti"),
                            ("taken_back", "annulé avant l’envoi"),
                        ],
                        max_length=12,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("outgoing", models.TextField(blank=True, editable=False)),
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
                        related_name="messages",
                        to="followup.case",
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="message",
                        to="followup.timelineevent",
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
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="followup.lettertemplate",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(fields=["case", "purpose"], name="message_of_case"),
                    models.Index(
                        condition=models.Q(("status", "waiting")),
                        fields=["made_at"],
                        name="message_waiting",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "waiting"), ("outgoing", ""), _connector="OR"
                        ),
                        name="message_keeps_nothing_once_left",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purpose__in", ["first_contact", "reminder", "transmission", "notice"])
                        ),
                        name="message_purpose_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("medium__in", ["letter", "sms", "email"])),
                        name="message_medium_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("audience__in", ["family", "youth"])),
                        name="message_audience_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["printed", "waiting", "sent", "failed", "taken_back"])
                        ),
                        name="message_status_known",
                    ),
                ],
            },
        ),
    ]
