import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0010_letters"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerLink",
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
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("expires_on", models.DateField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answer_links",
                        to="followup.case",
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="link",
                        to="followup.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "lien de réponse",
            },
        ),
        migrations.CreateModel(
            name="Answer",
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
                            ("enrolled", "je suis inscrit ailleurs"),
                            ("call_back", "rappelez-moi"),
                            ("looking", "je cherche"),
                            ("not_now", "pas maintenant"),
                            ("not_me", "ce message ne me concerne pas"),
                        ],
                        max_length=12,
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=120)),
                ("phone", models.CharField(blank=True, max_length=30)),
                (
                    "moment",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("morning", "le matin"),
                            ("noon", "entre midi et 14 h"),
                            ("afternoon", "l’après-midi"),
                            ("evening", "en fin de journée"),
                        ],
                        max_length=12,
                    ),
                ),
                ("recall_on", models.DateField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="followup.case",
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="decides",
                        to="followup.timelineevent",
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answer",
                        to="followup.timelineevent",
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
                    "link",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answer",
                        to="followup.answerlink",
                    ),
                ),
            ],
            options={
                "verbose_name": "réponse",
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["case", "-at"], name="answer_of_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["enrolled", "call_back", "looking", "not_now", "not_me"])
                        ),
                        name="answer_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("moment__in", ["", "morning", "noon", "afternoon", "evening"])
                        ),
                        name="answer_moment_known",
                    ),
                ],
            },
        ),
    ]
