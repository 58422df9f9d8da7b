import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0005_elsewhere"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feed_id", models.BigIntegerField(null=True)),
                ("label", models.CharField(max_length=160, verbose_name="base")),
                ("nature", models.CharField(default="inscription", max_length=16)),
                ("pupils", models.PositiveIntegerField(null=True)),
                ("read_on", models.DateField(null=True, verbose_name="lue le")),
                (
                    "expected_every",
                    models.PositiveSmallIntegerField(
                        default=1, verbose_name="attendue tous les (jours)"
                    ),
                ),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="registers",
                        to="territory.academie",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["academie", "read_on"], name="followup_re_academi_96f33a_idx"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("feed_id__isnull", False)),
                        fields=("feed_id",),
                        name="register_state_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                (
                    "academie",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="comparison",
                        serialize=False,
                        to="territory.academie",
                    ),
                ),
                ("finished_at", models.DateTimeField(verbose_name="comparée le")),
                ("next_at", models.DateTimeField(null=True, verbose_name="prochaine comparaison")),
            ],
            options={
                "verbose_name": "dernière comparaison",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année")),
                ("leavers", models.PositiveIntegerField(verbose_name="sorties")),
                ("found", models.PositiveIntegerField(verbose_name="retrouvées sans un appel")),
                ("as_of", models.DateField(verbose_name="au")),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tallies",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte des sorties",
                "constraints": [
                    models.UniqueConstraint(fields=("structure", "school_year"), name="tally_once"),
                    models.CheckConstraint(
                        condition=models.Q(("found__lte", models.F("leavers"))),
                        name="tally_found_among_leavers",
                    ),
                ],
            },
        ),
    ]
