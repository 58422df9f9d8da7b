import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0014_vacancies"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
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
                        verbose_name="solution",
                    ),
                ),
                (
                    "course",
                    models.CharField(blank=True, max_length=120, verbose_name="formation ou poste"),
                ),
                ("place", models.CharField(blank=True, max_length=160, verbose_name="lieu")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("made", "proposée"),
                            ("accepted", "acceptée"),
                            ("refused", "refusée"),
                            ("paused", "pas maintenant"),
                            ("started", "commencée"),
                            ("over", "terminée"),
                            ("broken", "interrompue"),
                        ],
                        default="made",
                        max_length=8,
                    ),
                ),
                ("made_on", models.DateField(default=django.utils.timezone.localdate)),
                ("answered_on", models.DateField(null=True)),
                ("paused_until", models.DateField(null=True)),
                ("starts_on", models.DateField(null=True, verbose_name="début")),
                ("ends_on", models.DateField(null=True, verbose_name="fin prévue")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="followup.case",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by_structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "solution",
                "ordering": ["-made_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ProposalEvent",
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
                        verbose_name="solution",
                    ),
                ),
                (
                    "course",
                    models.CharField(blank=True, max_length=120, verbose_name="formation ou poste"),
                ),
                ("place", models.CharField(blank=True, max_length=160, verbose_name="lieu")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("made", "proposée"),
                            ("accepted", "acceptée"),
                            ("refused", "refusée"),
                            ("paused", "pas maintenant"),
                            ("started", "commencée"),
                            ("over", "terminée"),
                            ("broken", "interrompue"),
                        ],
                        default="made",
                        max_length=8,
                    ),
                ),
                ("made_on", models.DateField(default=django.utils.timezone.localdate)),
                ("answered_on", models.DateField(null=True)),
                ("paused_until", models.DateField(null=True)),
                ("starts_on", models.DateField(null=True, verbose_name="début")),
                ("ends_on", models.DateField(null=True, verbose_name="fin prévue")),
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
                    "made_by",
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
                    "made_by_structure",
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
                        to="followup.proposal",
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
                    "vacancy",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="followup.vacancy",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="proposal",
            name="vacancy",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="followup.vacancy",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["case", "-made_on"], name="proposal_of_case"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
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
                name="proposal_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["made", "accepted", "refused", "paused", "started", "over", "broken"],
                    )
                ),
                name="proposal_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "paused"), _negated=True),
                    ("paused_until__isnull", False),
                    _connector="OR",
                ),
                name="proposal_pause_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["started", "over"]), _negated=True),
                    ("starts_on__isnull", False),
                    _connector="OR",
                ),
                name="proposal_start_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on__isnull", True),
                    models.Q(("ends_on__gte", models.F("starts_on")), ("starts_on__isnull", False)),
                    _connector="OR",
                ),
                name="proposal_ends_after_start",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_proposalevent" ("answered_on", "case_id", "course", "ends_on", "id", "kind", "made_by_id", "made_by_structure_id", "made_on", "paused_until", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "starts_on", "status", "structure_id", "vacancy_id") VALUES (OLD."answered_on", OLD."case_id", OLD."course", OLD."ends_on", OLD."id", OLD."kind", OLD."made_by_id", OLD."made_by_structure_id", OLD."made_on", OLD."paused_until", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."place", OLD."starts_on", OLD."status", OLD."structure_id", OLD."vacancy_id"); RETURN NULL;',
                    hash="542cd33a35d7d637c940481768f5e20b086a7976",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_aba85",
                    table="followup_proposal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_proposalevent" ("answered_on", "case_id", "course", "ends_on", "id", "kind", "made_by_id", "made_by_structure_id", "made_on", "paused_until", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "starts_on", "status", "structure_id", "vacancy_id") VALUES (OLD."answered_on", OLD."case_id", OLD."course", OLD."ends_on", OLD."id", OLD."kind", OLD."made_by_id", OLD."made_by_structure_id", OLD."made_on", OLD."paused_until", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."place", OLD."starts_on", OLD."status", OLD."structure_id", OLD."vacancy_id"); RETURN NULL;',
                    hash="b62e5e42bcc3062f24490d9ab8290d17850d7f30",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_bf61d",
                    table="followup_proposal",
                    when="AFTER",
                ),
            ),
        ),
    ]
