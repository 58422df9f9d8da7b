"""The access log: every reading of a file, append-only and hash-chained."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Reading(models.Model):
    """Who read what, when, from which screen. Never anything of what the file says."""

    at = models.DateTimeField(default=timezone.now)
    user_id = models.BigIntegerField(null=True)
    #: Name and function at that time: the line outlives the account.
    reader = models.CharField("qui", max_length=200)
    structures = ArrayField(models.BigIntegerField(), default=list)
    act = models.CharField("acte", max_length=20)
    screen = models.CharField("écran", max_length=60)
    #: Cases or persons read.
    subjects = ArrayField(models.UUIDField(), default=list)
    former_hash = models.BinaryField(default=b"", editable=False)
    hash = models.BinaryField(default=b"", editable=False)

    class Meta:
        verbose_name = "lecture"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["-at"])]
