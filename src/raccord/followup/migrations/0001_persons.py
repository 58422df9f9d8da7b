import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
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
                ("last_name", models.CharField(max_length=100, verbose_name="nom de famille")),
                (
                    "usage_name",
                    models.CharField(blank=True, max_length=100, verbose_name="nom d’usage"),
                ),
                ("first_name", models.CharField(max_length=100, verbose_name="prénom")),
                (
                    "other_names",
                    models.CharField(blank=True, max_length=200, verbose_name="autres prénoms"),
                ),
                ("birth_date", models.DateField(null=True, verbose_name="date de naissance")),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("F", "féminin"), ("M", "masculin")],
                        max_length=1,
                        verbose_name="sexe",
                    ),
                ),
                (
                    "birth_commune",
                    models.CharField(blank=True, max_length=5, verbose_name="commune de naissance"),
                ),
                (
                    "ine",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("search_name", models.CharField(default="", editable=False, max_length=320)),
                ("protected_at", models.DateTimeField(null=True)),
                ("hidden", models.BooleanField(default=False)),
                (
                    "training",
                    models.BooleanField(default=False, verbose_name="inventé, pour s’exercer"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.academie",
                    ),
                ),
                (
                    "protected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "jeune",
                "indexes": [
                    models.Index(
                        fields=["search_name"], name="person_search", opclasses=["text_pattern_ops"]
                    ),
                    models.Index(
                        condition=models.Q(("hidden", True)), fields=["id"], name="person_hidden"
                    ),
                    models.Index(
                        condition=models.Q(("protected_at__isnull", False)),
                        fields=["protected_by"],
                        name="person_protected",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("protected_at__isnull", True), ("protected_by__isnull", True)
                            ),
                            models.Q(
                                ("protected_at__isnull", False), ("protected_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="person_protection_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sex__in", ["", "F", "M"])), name="person_sex_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactDetails",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="details",
                        serialize=False,
                        to="followup.person",
                        verbose_name="jeune",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=240, verbose_name="adresse")),
                (
                    "postcode",
                    models.CharField(blank=True, max_length=10, verbose_name="code postal"),
                ),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                ("email", models.CharField(blank=True, max_length=120, verbose_name="courriel")),
                ("completed_at", models.DateTimeField(null=True)),
                (
                    "commune",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="territory.commune",
                        verbose_name="commune",
                    ),
                ),
            ],
            options={
                "verbose_name": "coordonnées",
                "verbose_name_plural": "coordonnées",
            },
        ),
        migrations.CreateModel(
            name="LegalRepresentative",
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
                ("rank", models.PositiveSmallIntegerField(default=1)),
                ("name", models.CharField(max_length=160, verbose_name="nom")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                ("email", models.CharField(blank=True, max_length=120, verbose_name="courriel")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="representatives",
                        to="followup.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "représentant légal",
                "ordering": ["rank", "id"],
            },
        ),
    ]
