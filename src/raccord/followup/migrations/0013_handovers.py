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
        ("followup", "0012_relay_words"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("territory", "0003_structures_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="Handover",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("interview", "entretien de situation"),
                            ("orientation", "projet d’orientation à construire"),
                            ("return", "retour en formation à préparer"),
                            ("care", "prise en charge"),
                            ("apprenticeship", "recherche d’un contrat d’apprentissage"),
                            ("work", "accompagnement vers l’emploi"),
                            ("moved", "le jeune a déménagé"),
                            ("silence", "aucune démarche depuis quinze jours"),
                        ],
                        max_length=16,
                        verbose_name="pour quoi",
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="proposé le"
                    ),
                ),
                (
                    "youth_knows",
                    models.BooleanField(default=False, verbose_name="le jeune le sait"),
                ),
                ("note", models.CharField(blank=True, max_length=280, verbose_name="un mot")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "en attente de réponse"),
                            ("accepted", "accepté"),
                            ("sent_back", "renvoyé"),
                            ("redirected", "orienté vers une autre structure"),
                            ("withdrawn", "repris par l’envoyeur"),
                            ("lapsed", "sans réponse, revenu à l’envoyeur"),
                            ("overtaken", "sans objet : le dossier est clos"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "return_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_our_area", "hors de notre territoire"),
                            ("not_our_age", "hors de notre public (âge, diplôme)"),
                            ("already_followed", "déjà suivi ailleurs"),
                            ("no_room", "plus de place pour le moment"),
                            ("more_needed", "il manque une démarche avant le relais"),
                            ("found", "déjà en formation ou en emploi"),
                            ("not_wanted", "le jeune ne le souhaite pas"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reminded_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
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
                        related_name="handovers",
                        to="followup.case",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
                (
                    "redirected_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="followup.handover",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "passage de relais",
                "ordering": ["-asked_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="HandoverEvent",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("interview", "entretien de situation"),
                            ("orientation", "projet d’orientation à construire"),
                            ("return", "retour en formation à préparer"),
                            ("care", "prise en charge"),
                            ("apprenticeship", "recherche d’un contrat d’apprentissage"),
                            ("work", "accompagnement vers l’emploi"),
                            ("moved", "le jeune a déménagé"),
                            ("silence", "aucune démarche depuis quinze jours"),
                        ],
                        max_length=16,
                        verbose_name="pour quoi",
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="proposé le"
                    ),
                ),
                (
                    "youth_knows",
                    models.BooleanField(default=False, verbose_name="le jeune le sait"),
                ),
                ("note", models.CharField(blank=True, max_length=280, verbose_name="un mot")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "en attente de réponse"),
                            ("accepted", "accepté"),
                            ("sent_back", "renvoyé"),
                            ("redirected", "orienté vers une autre structure"),
                            ("withdrawn", "repris par l’envoyeur"),
                            ("lapsed", "sans réponse, revenu à l’envoyeur"),
                            ("overtaken", "sans objet : le dossier est clos"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "return_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_our_area", "hors de notre territoire"),
                            ("not_our_age", "hors de notre public (âge, diplôme)"),
                            ("already_followed", "déjà suivi ailleurs"),
                            ("no_room", "plus de place pour le moment"),
                            ("more_needed", "il manque une démarche avant le relais"),
                            ("found", "déjà en formation ou en emploi"),
                            ("not_wanted", "le jeune ne le souhaite pas"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reminded_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
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
                    "asked_by",
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
                        to="followup.handover",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.structure",
                    ),
                ),
                (
                    "redirected_to",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="followup.handover",
                    ),
                ),
                (
                    "sender",
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
            model_name="handover",
            index=models.Index(fields=["case", "-asked_at"], name="handover_of_case"),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(
                condition=models.Q(("status", "waiting")),
                fields=["receiver", "asked_at"],
                name="handover_received",
            ),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(
                condition=models.Q(("status", "waiting")),
                fields=["sender", "asked_at"],
                name="handover_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "waiting")),
                fields=("case",),
                name="handover_one_waiting_per_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("sender", models.F("receiver")), _negated=True),
                name="handover_to_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("status", "waiting")),
                    models.Q(
                        models.Q(("status", "waiting"), _negated=True),
                        ("answered_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="handover_answer_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["sent_back", "redirected"]), _negated=True),
                    models.Q(("return_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="handover_return_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "waiting",
                            "accepted",
                            "sent_back",
                            "redirected",
                            "withdrawn",
                            "lapsed",
                            "overtaken",
                        ],
                    )
                ),
                name="handover_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "interview",
                            "orientation",
                            "return",
                            "care",
                            "apprenticeship",
                            "work",
                            "moved",
                            "silence",
                        ],
                    )
                ),
                name="handover_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "return_reason__in",
                        [
                            "",
                            "not_our_area",
                            "not_our_age",
                            "already_followed",
                            "no_room",
                            "more_needed",
                            "found",
                            "not_wanted",
                        ],
                    )
                ),
                name="handover_return_reason_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handover",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_handoverevent" ("answered_at", "answered_by_id", "asked_at", "asked_by_id", "case_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "receiver_id", "redirected_to_id", "reminded_at", "return_reason", "sender_id", "status", "youth_knows") VALUES (OLD."answered_at", OLD."answered_by_id", OLD."asked_at", OLD."asked_by_id", OLD."case_id", OLD."id", OLD."note", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."reason", OLD."receiver_id", OLD."redirected_to_id", OLD."reminded_at", OLD."return_reason", OLD."sender_id", OLD."status", OLD."youth_knows"); RETURN NULL;',
                    hash="0a611324d71131095dea4d7059446cdbebe42440",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0ce36",
                    table="followup_handover",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="handover",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_handoverevent" ("answered_at", "answered_by_id", "asked_at", "asked_by_id", "case_id", "id", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "receiver_id", "redirected_to_id", "reminded_at", "return_reason", "sender_id", "status", "youth_knows") VALUES (OLD."answered_at", OLD."answered_by_id", OLD."asked_at", OLD."asked_by_id", OLD."case_id", OLD."id", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."receiver_id", OLD."redirected_to_id", OLD."reminded_at", OLD."return_reason", OLD."sender_id", OLD."status", OLD."youth_knows"); RETURN NULL;',
                    hash="9699c1c21cce0c79e49cd171b51881618282b062",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6bfd4",
                    table="followup_handover",
                    when="AFTER",
                ),
            ),
        ),
    ]
