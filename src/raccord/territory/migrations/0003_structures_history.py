import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="StructureEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
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
                ("uai", models.CharField(max_length=8, null=True, verbose_name="UAI")),
                ("siret", models.CharField(blank=True, max_length=14, verbose_name="SIRET")),
                ("name", models.CharField(max_length=160, verbose_name="nom")),
                ("name_normalised", models.CharField(default="", max_length=160)),
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
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.academie",
                    ),
                ),
                (
                    "basin",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.basin",
                    ),
                ),
                (
                    "commune",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.commune",
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.departement",
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.structure",
                        verbose_name="maison",
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
                        to="territory.structure",
                    ),
                ),
                ("source_reference", models.CharField(blank=True, max_length=255)),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="structure",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "territory_structureevent" ("academie_id", "address", "basin_id", "closed_on", "commune_id", "departement_id", "email", "house_id", "id", "kind", "latitude", "longitude", "name", "name_normalised", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "sector", "siret", "source", "source_date", "source_reference", "uai", "website") VALUES (NEW."academie_id", NEW."address", NEW."basin_id", NEW."closed_on", NEW."commune_id", NEW."departement_id", NEW."email", NEW."house_id", NEW."id", NEW."kind", NEW."latitude", NEW."longitude", NEW."name", NEW."name_normalised", NEW."opened_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."postcode", NEW."sector", NEW."siret", NEW."source", NEW."source_date", NEW."source_reference", NEW."uai", NEW."website"); RETURN NULL;',
                    hash="e9675b93b53862aa8ffb5e98a80015f2a76abda0",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2257c",
                    table="territory_structure",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="structure",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "territory_structureevent" ("academie_id", "address", "basin_id", "closed_on", "commune_id", "departement_id", "email", "house_id", "id", "kind", "latitude", "longitude", "name", "name_normalised", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "sector", "siret", "source", "source_date", "source_reference", "uai", "website") VALUES (OLD."academie_id", OLD."address", OLD."basin_id", OLD."closed_on", OLD."commune_id", OLD."departement_id", OLD."email", OLD."house_id", OLD."id", OLD."kind", OLD."latitude", OLD."longitude", OLD."name", OLD."name_normalised", OLD."opened_on", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."postcode", OLD."sector", OLD."siret", OLD."source", OLD."source_date", OLD."source_reference", OLD."uai", OLD."website"); RETURN NULL;',
                    hash="9b458f699dbdc1e79c256cda54885b683fa686ac",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_db859",
                    table="territory_structure",
                    when="AFTER",
                ),
            ),
        ),
    ]
