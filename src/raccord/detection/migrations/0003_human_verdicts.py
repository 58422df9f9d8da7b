import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("detection", "0002_runs"),
        ("followup", "0002_cases"),
        ("territory", "0001_geography"),
    ]

    operations = [
        migrations.CreateModel(
            name="HumanVerdict",
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
                ("source", models.CharField(blank=True, max_length=60)),
                ("uai", models.CharField(max_length=8)),
                ("local_id", models.CharField(max_length=60)),
                ("other_source", models.CharField(blank=True, max_length=60)),
                ("other_uai", models.CharField(max_length=8)),
                ("other_local_id", models.CharField(max_length=60)),
                ("same", models.BooleanField()),
                ("probability", models.FloatField(null=True)),
                ("author", models.CharField(max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.academie",
                    ),
                ),
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
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="human_verdicts",
                        to="followup.case",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(
                        fields=["academie", "uai", "local_id"],
                        name="detection_h_academi_4b8ecf_idx",
                    )
                ],
            },
        ),
    ]
