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
                    func='INSERT INTO "accounts_membershipevent" ("classes", "confirm_before", "confirmed_on", "created_at", "ends_on", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "role", "scope", "starts_on", "structure_id", "title", "user_id") VALUES (NEW."classes", NEW."confirm_before", NEW."confirmed_on", NEW."created_at", NEW."ends_on", NEW."granted_by_id", NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revoked_at", NEW."role", NEW."scope", NEW."starts_on", NEW."structure_id", NEW."title", NEW."user_id"); RETURN NULL;',
                    hash="c97764e2d035949f2eaa681976e19a84f43857e5",
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
                    func='INSERT INTO "accounts_membershipevent" ("classes", "confirm_before", "confirmed_on", "created_at", "ends_on", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "role", "scope", "starts_on", "structure_id", "title", "user_id") VALUES (NEW."classes", NEW."confirm_before", NEW."confirmed_on", NEW."created_at", NEW."ends_on", NEW."granted_by_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revoked_at", NEW."role", NEW."scope", NEW."starts_on", NEW."structure_id", NEW."title", NEW."user_id"); RETURN NULL;',
                    hash="4eda19cc14aaa407896b7c8cdd8ee02aa5ba9b33",
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
                    func='INSERT INTO "accounts_membershipevent" ("classes", "confirm_before", "confirmed_on", "created_at", "ends_on", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "role", "scope", "starts_on", "structure_id", "title", "user_id") VALUES (OLD."classes", OLD."confirm_before", OLD."confirmed_on", OLD."created_at", OLD."ends_on", OLD."granted_by_id", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."revoked_at", OLD."role", OLD."scope", OLD."starts_on", OLD."structure_id", OLD."title", OLD."user_id"); RETURN NULL;',
                    hash="623e5f773b6cf92f2664cbd5a213d190e88b4026",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19a8f",
                    table="accounts_membership",
                    when="AFTER",
                ),
            ),
        ),
        migrations.CreateModel(
            name="EntrustedEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="accounts.entrusted",
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
                ("id", models.BigIntegerField()),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="accounts.invitation",
                    ),
                ),
                (
                    "pupils",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entrusted",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_entrustedevent" ("id", "invitation_id", "membership_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pupils") VALUES (NEW."id", NEW."invitation_id", NEW."membership_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."pupils"); RETURN NULL;',
                    hash="c45693de16514022ba7837e2aad4e7b8941e3dca",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5a806",
                    table="accounts_entrusted",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entrusted",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "accounts_entrustedevent" ("id", "invitation_id", "membership_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pupils") VALUES (NEW."id", NEW."invitation_id", NEW."membership_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."pupils"); RETURN NULL;',
                    hash="f08b744c1e75aa1c4dfed4895a365c6aeca05d24",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4483f",
                    table="accounts_entrusted",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entrusted",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "accounts_entrustedevent" ("id", "invitation_id", "membership_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pupils") VALUES (OLD."id", OLD."invitation_id", OLD."membership_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."pupils"); RETURN NULL;',
                    hash="afccfec00ac2c55320e3b55838e94dcce017c8bc",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_3c468",
                    table="accounts_entrusted",
                    when="AFTER",
                ),
            ),
        ),
    ]
