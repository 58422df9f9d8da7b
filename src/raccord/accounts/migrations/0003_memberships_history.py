import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_memberships"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="MembershipEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("head", "Chef d’établissement"),
                            ("correspondent", "Correspondant de l’établissement"),
                            ("secretariat", "Secrétariat"),
                            ("lead", "Responsable de la structure"),
                            ("agent", "Conseiller de la structure"),
                            ("basin_referent", "Référent du bassin"),
                            ("dasen", "DASEN"),
                            ("ien_io", "IEN-IO"),
                            ("steering", "Pilotage (chiffres, sans noms)"),
                            ("territory_admin", "Administrateur du territoire"),
                            ("technical", "Administrateur technique"),
                            ("dpo", "Délégué à la protection des données"),
                        ],
                        max_length=20,
                        verbose_name="rôle",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=60, verbose_name="fonction")),
                (
                    "starts_on",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="depuis le"
                    ),
                ),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                (
                    "confirm_before",
                    models.DateField(blank=True, null=True, verbose_name="à confirmer avant le"),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("whole", "tout l’établissement"),
                            ("classes", "certaines classes"),
                            ("pupils", "certains élèves"),
                        ],
                        default="whole",
                        max_length=8,
                        verbose_name="étendue",
                    ),
                ),
                (
                    "classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "pupils",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "granted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                        to="accounts.membership",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="territory.structure",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_on",
                    models.DateField(blank=True, null=True, verbose_name="confirmée le"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="retirée le"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_membershipevent" ("classes", "confirm_before", "confirmed_on", "created_at", "ends_on", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pupils", "revoked_at", "role", "scope", "starts_on", "structure_id", "title", "user_id") VALUES (NEW."classes", NEW."confirm_before", NEW."confirmed_on", NEW."created_at", NEW."ends_on", NEW."granted_by_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."pupils", NEW."revoked_at", NEW."role", NEW."scope", NEW."starts_on", NEW."structure_id", NEW."title", NEW."user_id"); RETURN NULL;',
                    hash="dc50d1d9a479f6b4dda1c82242e98b2fc3d39961",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_fc05a",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_membershipevent" ("classes", "confirm_before", "confirmed_on", "created_at", "ends_on", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pupils", "revoked_at", "role", "scope", "starts_on", "structure_id", "title", "user_id") VALUES (NEW."classes", NEW."confirm_before", NEW."confirmed_on", NEW."created_at", NEW."ends_on", NEW."granted_by_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."pupils", NEW."revoked_at", NEW."role", NEW."scope", NEW."starts_on", NEW."structure_id", NEW."title", NEW."user_id"); RETURN NULL;',
                    hash="6c36ab130e5af66a568e59a5ac428cae0206ce38",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_20ab5",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_membershipevent" ("classes", "confirm_before", "confirmed_on", "created_at", "ends_on", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pupils", "revoked_at", "role", "scope", "starts_on", "structure_id", "title", "user_id") VALUES (OLD."classes", OLD."confirm_before", OLD."confirmed_on", OLD."created_at", OLD."ends_on", OLD."granted_by_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."pupils", OLD."revoked_at", OLD."role", OLD."scope", OLD."starts_on", OLD."structure_id", OLD."title", OLD."user_id"); RETURN NULL;',
                    hash="d9df48d72263320e59827318e308714f2777c8d7",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19a8f",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
    ]
