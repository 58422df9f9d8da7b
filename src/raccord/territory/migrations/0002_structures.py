import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("territory", "0001_geography"),
    ]

    operations = [
        migrations.CreateModel(
            name="Structure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("college", "Collège"),
                            ("lycee", "Lycée"),
                            ("lycee_pro", "Lycée professionnel"),
                            ("lycee_agricole", "Établissement agricole"),
                            ("erea", "EREA"),
                            ("ecole", "École"),
                            ("cfa", "CFA"),
                            ("mfr", "Maison familiale rurale"),
                            ("ufa", "Unité de formation par apprentissage"),
                            ("sep", "Section d’enseignement professionnel"),
                            ("segpa", "SEGPA"),
                            ("hors_contrat", "Établissement privé hors contrat"),
                            ("cio", "CIO"),
                            ("mlds", "MLDS"),
                            ("psad", "PSAD"),
                            ("mission_locale", "Mission locale"),
                            ("employment_platform", "Plateforme vers l’emploi"),
                            ("france_travail", "France Travail"),
                            ("info_jeunes", "Info Jeunes"),
                            ("e2c", "École de la deuxième chance"),
                            ("epide", "EPIDE"),
                            ("rsma", "RSMA"),
                            ("greta", "GRETA"),
                            ("service_civique", "Service civique"),
                            ("insertion", "Structure d’insertion"),
                            ("rectorat", "Rectorat"),
                            ("dsden", "DSDEN"),
                            ("draio", "DRAIO"),
                            ("draaf", "DRAAF"),
                            ("region", "Région"),
                            ("conseil_departemental", "Conseil départemental"),
                            ("mairie", "Mairie"),
                        ],
                        max_length=30,
                        verbose_name="type",
                    ),
                ),
                ("uai", models.CharField(max_length=8, null=True, unique=True, verbose_name="UAI")),
                ("siret", models.CharField(blank=True, max_length=14, verbose_name="SIRET")),
                ("name", models.CharField(max_length=160, verbose_name="nom")),
                ("name_normalised", models.CharField(db_index=True, default="", max_length=160)),
                (
                    "sector",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("public", "public"),
                            ("prive", "privé"),
                            ("hors_contrat", "privé hors contrat"),
                        ],
                        max_length=12,
                        verbose_name="secteur",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="adresse")),
                (
                    "postcode",
                    models.CharField(blank=True, max_length=5, verbose_name="code postal"),
                ),
                ("latitude", models.FloatField(null=True)),
                ("longitude", models.FloatField(null=True)),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="téléphone")),
                (
                    "email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="courriel de la structure"
                    ),
                ),
                ("website", models.URLField(blank=True, verbose_name="site")),
                ("opened_on", models.DateField(null=True, verbose_name="ouverte le")),
                ("closed_on", models.DateField(null=True, verbose_name="fermée le")),
                ("source", models.CharField(blank=True, max_length=60)),
                ("source_date", models.DateField(null=True)),
                (
                    "academie",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="structures",
                        to="territory.academie",
                    ),
                ),
                (
                    "basin",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="structures",
                        to="territory.basin",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="structures",
                        to="territory.commune",
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="structures",
                        to="territory.departement",
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="parts",
                        to="territory.structure",
                        verbose_name="maison",
                    ),
                ),
                ("source_reference", models.CharField(blank=True, max_length=255)),
            ],
            options={
                "verbose_name": "structure",
                "ordering": ["name", "id"],
                "indexes": [
                    models.Index(
                        fields=["academie", "kind"], name="territory_s_academi_5a4c9c_idx"
                    ),
                    models.Index(
                        condition=models.Q(("siret", ""), _negated=True),
                        fields=["siret"],
                        name="structure_siret",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "college",
                                    "lycee",
                                    "lycee_pro",
                                    "lycee_agricole",
                                    "erea",
                                    "ecole",
                                    "cfa",
                                    "mfr",
                                    "ufa",
                                    "sep",
                                    "segpa",
                                    "hors_contrat",
                                    "cio",
                                    "mlds",
                                    "psad",
                                    "mission_locale",
                                    "employment_platform",
                                    "france_travail",
                                    "info_jeunes",
                                    "e2c",
                                    "epide",
                                    "rsma",
                                    "greta",
                                    "service_civique",
                                    "insertion",
                                    "rectorat",
                                    "dsden",
                                    "draio",
                                    "draaf",
                                    "region",
                                    "conseil_departemental",
                                    "mairie",
                                ],
                            )
                        ),
                        name="structure_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sector__in", ["", "public", "prive", "hors_contrat"])),
                        name="structure_sector_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opened_on__isnull", True),
                            ("closed_on__isnull", True),
                            ("closed_on__gte", models.F("opened_on")),
                            _connector="OR",
                        ),
                        name="structure_closes_after_opening",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AreaCommune",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="served_by",
                        to="territory.commune",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="area",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("structure", "commune"), name="area_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Succession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="le")),
                (
                    "former",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="successors",
                        to="territory.structure",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="predecessors",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("former", "successor"), name="succession_once"),
                    models.CheckConstraint(
                        condition=models.Q(("former", models.F("successor")), _negated=True),
                        name="succession_of_another",
                    ),
                ],
            },
        ),
    ]
