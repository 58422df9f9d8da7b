import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "email",
                    models.EmailField(
                        max_length=254, unique=True, verbose_name="courriel professionnel"
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=80, verbose_name="prénom")),
                ("last_name", models.CharField(blank=True, max_length=80, verbose_name="nom")),
                (
                    "phone",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="téléphone professionnel"
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="actif")),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("tour_seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "demo",
                    models.BooleanField(default=False, verbose_name="compte de démonstration"),
                ),
                ("session_epoch", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "utilisateur",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="user_email_lowercase",
                    )
                ],
            },
        ),
    ]
