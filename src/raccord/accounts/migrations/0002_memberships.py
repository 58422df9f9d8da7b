import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import raccord.accounts.roles


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_users"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="granted",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="territory.structure",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
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
                "verbose_name": "habilitation",
                "indexes": [
                    models.Index(
                        fields=["structure", "role"], name="accounts_me_structu_0f5262_idx"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "head",
                                    "correspondent",
                                    "secretariat",
                                    "lead",
                                    "agent",
                                    "basin_referent",
                                    "dasen",
                                    "ien_io",
                                    "steering",
                                    "territory_admin",
                                    "technical",
                                    "dpo",
                                ],
                            )
                        ),
                        name="membership_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["whole", "classes", "pupils"])),
                        name="membership_scope_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="membership_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scope", "whole"),
                            ("role", raccord.accounts.roles.Role["CORRESPONDENT"]),
                            _connector="OR",
                        ),
                        name="membership_narrow_scope_is_correspondent",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ends_on__isnull", True), ("revoked_at__isnull", True)),
                        fields=("user", "structure", "role"),
                        name="membership_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                ("email", models.EmailField(max_length=254, verbose_name="courriel")),
                ("title", models.CharField(blank=True, max_length=60, verbose_name="fonction")),
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
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="accepted",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="invited",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="territory.structure",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="à partir du")),
                ("first_name", models.CharField(blank=True, max_length=80, verbose_name="prénom")),
                ("last_name", models.CharField(blank=True, max_length=80, verbose_name="nom")),
            ],
            options={
                "verbose_name": "invitation",
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "head",
                                    "correspondent",
                                    "secretariat",
                                    "lead",
                                    "agent",
                                    "basin_referent",
                                    "dasen",
                                    "ien_io",
                                    "steering",
                                    "territory_admin",
                                    "technical",
                                    "dpo",
                                ],
                            )
                        ),
                        name="invitation_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["whole", "classes", "pupils"])),
                        name="invitation_scope_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entrusted",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "membership",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entrusted",
                        to="accounts.membership",
                    ),
                ),
                (
                    "invitation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entrusted",
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
                "verbose_name": "élèves confiés",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("invitation__isnull", False), ("membership__isnull", True)),
                            models.Q(("invitation__isnull", True), ("membership__isnull", False)),
                            _connector="OR",
                        ),
                        name="entrusted_by_one_of_both",
                    )
                ],
            },
        ),
    ]
