import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0006_ages_and_figures"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonEvent",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.academie",
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
                        to="followup.person",
                    ),
                ),
                (
                    "protected_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_personevent" ("academie_id", "birth_commune", "birth_date", "created_at", "first_name", "hidden", "id", "ine", "last_name", "other_names", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protected_at", "protected_by_id", "search_name", "sex", "training", "usage_name") VALUES (OLD."academie_id", OLD."birth_commune", OLD."birth_date", OLD."created_at", OLD."first_name", OLD."hidden", OLD."id", OLD."ine", OLD."last_name", OLD."other_names", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."protected_at", OLD."protected_by_id", OLD."search_name", OLD."sex", OLD."training", OLD."usage_name"); RETURN NULL;',
                    hash="bd0ccab5ca4ea1b9835b12a174d8fa6de7051877",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b7687",
                    table="followup_person",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_personevent" ("academie_id", "birth_commune", "birth_date", "created_at", "first_name", "hidden", "id", "ine", "last_name", "other_names", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protected_at", "protected_by_id", "search_name", "sex", "training", "usage_name") VALUES (OLD."academie_id", OLD."birth_commune", OLD."birth_date", OLD."created_at", OLD."first_name", OLD."hidden", OLD."id", OLD."ine", OLD."last_name", OLD."other_names", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."protected_at", OLD."protected_by_id", OLD."search_name", OLD."sex", OLD."training", OLD."usage_name"); RETURN NULL;',
                    hash="3a4a4edee6bc8002c429644e418be601856a0635",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_229f8",
                    table="followup_person",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="ContactDetailsEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
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
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.commune",
                        verbose_name="commune",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        serialize=False,
                        to="followup.person",
                        verbose_name="jeune",
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
                        to="followup.contactdetails",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactdetails",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_contactdetailsevent" ("address", "commune_id", "completed_at", "email", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode") VALUES (OLD."address", OLD."commune_id", OLD."completed_at", OLD."email", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."person_id", OLD."phone", OLD."postcode"); RETURN NULL;',
                    hash="d02713d5a992efdc6720b2fb8b679ff6101d12f0",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_81ca9",
                    table="followup_contactdetails",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactdetails",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_contactdetailsevent" ("address", "commune_id", "completed_at", "email", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode") VALUES (OLD."address", OLD."commune_id", OLD."completed_at", OLD."email", OLD."person_id", _pgh_attach_context(), NOW(), \'update\', OLD."person_id", OLD."phone", OLD."postcode"); RETURN NULL;',
                    hash="20baec485384d57b2a13a99320e257e7419dd53b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ae1ae",
                    table="followup_contactdetails",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="LegalRepresentativeEvent",
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
                ("rank", models.PositiveSmallIntegerField(default=1)),
                ("name", models.CharField(max_length=160, verbose_name="nom")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                ("email", models.CharField(blank=True, max_length=120, verbose_name="courriel")),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="followup.person",
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
                        to="followup.legalrepresentative",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legalrepresentative",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "followup_legalrepresentativeevent" ("email", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "rank") VALUES (OLD."email", OLD."id", OLD."name", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."rank"); RETURN NULL;',
                    hash="bba951ab3f7dcd3752f2c8febf0b6f9195cf665e",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_8f240",
                    table="followup_legalrepresentative",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="legalrepresentative",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "followup_legalrepresentativeevent" ("email", "id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "rank") VALUES (OLD."email", OLD."id", OLD."name", OLD."person_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."phone", OLD."rank"); RETURN NULL;',
                    hash="011ddcffe3eebb186ab4cb685cb7b58a1cd02f09",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d7ea7",
                    table="followup_legalrepresentative",
                    when="AFTER",
                ),
            ),
        ),
    ]
