import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0004_acts"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Candidate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField()),
                ("source", models.CharField(max_length=60, verbose_name="base")),
                ("uai", models.CharField(blank=True, max_length=8)),
                ("local_id", models.CharField(max_length=60)),
                ("last_name", models.CharField(max_length=100, verbose_name="nom")),
                ("usage_name", models.CharField(blank=True, max_length=100)),
                ("first_name", models.CharField(max_length=100, verbose_name="prénom")),
                ("birth_date", models.DateField(null=True)),
                ("probability", models.FloatField(null=True)),
                (
                    "agree",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), default=list, size=None
                    ),
                ),
                (
                    "close",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), default=list, size=None
                    ),
                ),
                (
                    "differ",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), default=list, size=None
                    ),
                ),
                (
                    "kept_apart",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), default=list, size=None
                    ),
                ),
                (
                    "said",
                    models.CharField(
                        blank=True,
                        choices=[("same", "c’est lui"), ("other", "ce n’est pas lui")],
                        max_length=5,
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="candidates",
                        to="followup.case",
                    ),
                ),
                (
                    "departure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="candidates",
                        to="followup.departure",
                    ),
                ),
            ],
            options={
                "ordering": ["rank", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("departure", "source", "uai", "local_id"), name="candidate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("said__in", ["", "same", "other"])),
                        name="candidate_said_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Destination",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=60, verbose_name="base")),
                ("uai", models.CharField(blank=True, max_length=8)),
                ("local_id", models.CharField(blank=True, max_length=60)),
                ("place", models.CharField(blank=True, max_length=160, verbose_name="lieu")),
                ("seen_on", models.DateField(verbose_name="vu le")),
                ("matched_by", models.CharField(blank=True, max_length=12)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="destination",
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
            ],
            options={
                "verbose_name": "lieu de scolarisation",
            },
        ),
    ]
