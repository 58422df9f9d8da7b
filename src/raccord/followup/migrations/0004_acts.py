import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("followup", "0003_departures"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="TimelineEvent",
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
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opened", "dossier ouvert"),
                            ("listed_again", "de nouveau sur la liste"),
                            ("found", "retrouvé dans une base"),
                            ("asked_to_confirm", "une base le donne inscrit : à confirmer"),
                            ("contact", "prise de contact"),
                            ("situation", "situation enregistrée"),
                            ("details", "coordonnées complétées"),
                            ("reason", "motif de sortie enregistré"),
                            ("same_person", "« c’est lui »"),
                            ("other_person", "« ce n’est pas lui »"),
                            ("letter", "courrier ou message envoyé"),
                            ("answer", "réponse reçue"),
                            ("transmitted", "transmis"),
                            ("taken_back", "repris"),
                            ("paused", "mis en pause"),
                            ("closed", "clos"),
                            ("reopened", "rouvert"),
                            ("undone", "acte annulé"),
                            ("declared", "signalé par l’établissement"),
                            ("protected", "scolarité protégée"),
                            ("corrected", "donnée corrigée"),
                        ],
                        max_length=20,
                    ),
                ),
                ("author", models.CharField(max_length=200)),
                ("run_id", models.BigIntegerField(null=True)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("note", models.CharField(blank=True, max_length=280)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="timeline",
                        to="followup.case",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="followup.timelineevent",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["case", "-at"], name="followup_ti_case_id_2e547e_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("author", ""), _negated=True),
                        name="event_has_an_author",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "opened",
                                    "listed_again",
                                    "found",
                                    "asked_to_confirm",
                                    "contact",
                                    "situation",
                                    "details",
                                    "reason",
                                    "same_person",
                                    "other_person",
                                    "letter",
                                    "answer",
                                    "transmitted",
                                    "taken_back",
                                    "paused",
                                    "closed",
                                    "reopened",
                                    "undone",
                                    "declared",
                                    "protected",
                                    "corrected",
                                ],
                            )
                        ),
                        name="timelineevent_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactAttempt",
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
                ("on", models.DateField(default=django.utils.timezone.localdate)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("call", "appel"),
                            ("sms", "SMS"),
                            ("email", "courriel"),
                            ("letter", "courrier"),
                            ("visit", "rencontre"),
                        ],
                        max_length=8,
                        verbose_name="moyen",
                    ),
                ),
                (
                    "answerer",
                    models.CharField(
                        choices=[
                            ("nobody", "personne"),
                            ("youth", "le jeune"),
                            ("representative", "un représentant légal"),
                            ("other", "une autre personne"),
                        ],
                        max_length=16,
                        verbose_name="qui a répondu",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("no_answer", "pas de réponse"),
                            ("message_left", "message laissé"),
                            ("wrong_number", "mauvais numéro ou adresse"),
                            ("call_back", "à rappeler"),
                            ("says_enrolled", "dit être inscrit ailleurs"),
                            ("looking", "cherche une solution"),
                            ("wants_appointment", "souhaite un rendez-vous"),
                            ("not_now", "pas maintenant"),
                            ("refuses_channel", "ne souhaite plus être contacté ainsi"),
                        ],
                        max_length=20,
                        verbose_name="résultat",
                    ),
                ),
                ("next_on", models.DateField(null=True, verbose_name="reprendre le")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="followup.case",
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact",
                        to="followup.timelineevent",
                    ),
                ),
            ],
            options={
                "ordering": ["-on", "-id"],
                "indexes": [
                    models.Index(fields=["case", "-on"], name="followup_co_case_id_6ff5ce_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ["call", "sms", "email", "letter", "visit"])
                        ),
                        name="contactattempt_channel_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answerer__in", ["nobody", "youth", "representative", "other"])
                        ),
                        name="contactattempt_answerer_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "result__in",
                                [
                                    "no_answer",
                                    "message_left",
                                    "wrong_number",
                                    "call_back",
                                    "says_enrolled",
                                    "looking",
                                    "wants_appointment",
                                    "not_now",
                                    "refuses_channel",
                                ],
                            )
                        ),
                        name="contactattempt_result_known",
                    ),
                ],
            },
        ),
    ]
