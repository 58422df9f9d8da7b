"""Agreements and designations: dated here before anything leaves for a partner."""

from datetime import date
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership
from raccord.accounts.roles import Role
from raccord.privacy.models.readings import academies
from raccord.territory.models import Academie, Departement, Structure


class DatedQuerySet(models.QuerySet[Any]):
    """What holds between two days, in an académie."""

    def visible_to(self, actor: Actor | None) -> "DatedQuerySet":
        """Those of the académies that somebody administers, or whose data they protect."""
        found = [*academies(actor, Role.TERRITORY_ADMIN), *academies(actor, Role.DPO)]
        return self.filter(academie__in=found)

    def in_force(self, on: date | None = None) -> "DatedQuerySet":
        """Those that hold on a day (today by default)."""
        on = on or timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Agreement(models.Model):
    """The agreement signed with a partner: convention, or a mayor's signed note."""

    structure = models.ForeignKey(
        Structure, models.PROTECT, related_name="agreements", verbose_name="partenaire"
    )
    academie = models.ForeignKey(Academie, models.PROTECT, related_name="+")
    reference = models.CharField("référence de l’accord", max_length=120)
    signed_on = models.DateField("signé le")
    #: The day of the signature, unless the agreement says later.
    starts_on = models.DateField("prend effet le")
    ends_on = models.DateField("prend fin le", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("saisi le", default=timezone.now)

    objects: ClassVar[Any] = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "accord"
        ordering: ClassVar = ["-signed_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(starts_on__gte=F("signed_on"))
                & (Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))),
                name="agreement_dates_in_order",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="agreement_has_reference"),
        ]

    def __str__(self) -> str:
        return self.reference


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Designation(models.Model):
    """Who the prefect designated to receive names (L.313-7): a structure, or one of its people."""

    structure = models.ForeignKey(
        Structure, models.PROTECT, related_name="designations", verbose_name="partenaire"
    )
    #: Null: the structure as a whole.
    membership = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="personne"
    )
    academie = models.ForeignKey(Academie, models.PROTECT, related_name="+")
    reference = models.CharField("référence de l’arrêté", max_length=120)
    signed_on = models.DateField("signé le")
    starts_on = models.DateField("prend effet le")
    ends_on = models.DateField("prend fin le", null=True, blank=True)
    #: Null: the whole académie.
    departement = models.ForeignKey(
        Departement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="département",
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField("saisie le", default=timezone.now)

    objects: ClassVar[Any] = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "désignation"
        ordering: ClassVar = ["-signed_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(starts_on__gte=F("signed_on"))
                & (Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))),
                name="designation_dates_in_order",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="designation_has_reference"),
        ]

    def __str__(self) -> str:
        return self.reference
