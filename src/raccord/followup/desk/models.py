"""Filters that somebody keeps."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from raccord.followup.identifiers import new_id


class SavedFilter(models.Model):
    """A list with its filters, under a name of one's own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    name = models.CharField("nom", max_length=60)
    #: Of the address, after the question mark: never the search, which names somebody.
    query = models.CharField(max_length=300)

    class Meta:
        verbose_name = "filtre gardé"
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_filter_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_filter_named"),
        ]
