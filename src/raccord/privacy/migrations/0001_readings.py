import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="quand")),
                ("user_id", models.BigIntegerField(null=True)),
                ("reader", models.CharField(max_length=200, verbose_name="qui")),
                (
                    "structures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("act", models.CharField(max_length=20, verbose_name="acte")),
                ("screen", models.CharField(max_length=60, verbose_name="écran")),
                (
                    "subjects",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("former_hash", models.BinaryField(default=b"")),
                ("hash", models.BinaryField(default=b"")),
                (
                    "academies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3), default=list, size=None
                    ),
                ),
                (
                    "functions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=400), default=list, size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "lecture",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["-at"], name="privacy_rea_at_587703_idx"),
                    models.Index(fields=["user_id", "-id"], name="reading_by_user"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["subjects"], name="reading_by_subject"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LogCheckpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_id", models.BigIntegerField()),
                ("last_hash", models.BinaryField()),
                ("removed", models.PositiveBigIntegerField()),
                ("before", models.DateTimeField()),
            ],
            options={
                "verbose_name": "purge du journal",
                "ordering": ["-id"],
            },
        ),
    ]
