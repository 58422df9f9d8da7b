import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Academie",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=3, primary_key=True, serialize=False, verbose_name="code"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="nom")),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/Paris", max_length=40, verbose_name="fuseau horaire"
                    ),
                ),
            ],
            options={
                "verbose_name": "académie",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Departement",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=3, primary_key=True, serialize=False, verbose_name="code"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="nom")),
                ("region", models.CharField(blank=True, max_length=60, verbose_name="région")),
                (
                    "academie",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="departements",
                        to="territory.academie",
                        verbose_name="académie",
                    ),
                ),
            ],
            options={
                "verbose_name": "département",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Basin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="basins",
                        to="territory.academie",
                    ),
                ),
            ],
            options={
                "verbose_name": "bassin",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("academie", "code"), name="basin_code_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Commune",
            fields=[
                (
                    "insee",
                    models.CharField(
                        max_length=5, primary_key=True, serialize=False, verbose_name="code INSEE"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="nom")),
                ("name_normalised", models.CharField(db_index=True, max_length=80)),
                (
                    "postcodes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=5),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("population", models.PositiveIntegerField(null=True)),
                ("latitude", models.FloatField(null=True)),
                ("longitude", models.FloatField(null=True)),
                (
                    "basin",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="communes",
                        to="territory.basin",
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="communes",
                        to="territory.departement",
                    ),
                ),
            ],
            options={
                "verbose_name": "commune",
                "ordering": ["name", "insee"],
            },
        ),
        migrations.CreateModel(
            name="SchoolYear",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(verbose_name="année (celle de la rentrée)"),
                ),
                ("rollover_on", models.DateField(verbose_name="bascule des bases")),
                ("rentree_on", models.DateField(verbose_name="rentrée")),
                ("constat_on", models.DateField(verbose_name="constat de rentrée")),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="school_years",
                        to="territory.academie",
                    ),
                ),
            ],
            options={
                "ordering": ["academie", "year"],
                "constraints": [
                    models.UniqueConstraint(fields=("academie", "year"), name="school_year_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rentree_on__gte", models.F("rollover_on")),
                            ("constat_on__gte", models.F("rentree_on")),
                        ),
                        name="school_year_in_order",
                    ),
                ],
            },
        ),
    ]
