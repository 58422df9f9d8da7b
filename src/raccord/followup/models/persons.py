"""A young person, whatever the number of registers, and who answers for them until 18."""

from datetime import date
from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from raccord.followup.identifiers import new_id
from raccord.territory.choices import one_of
from raccord.territory.models import Academie, Commune, Structure


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Person(models.Model):
    """One young person. The fields are those of the arrêté of 15 October 2020, and no other."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    academie = models.ForeignKey(Academie, models.PROTECT, related_name="+")
    last_name = models.CharField("nom de famille", max_length=100)
    usage_name = models.CharField("nom d’usage", max_length=100, blank=True)
    first_name = models.CharField("prénom", max_length=100)
    other_names = models.CharField("autres prénoms", max_length=200, blank=True)
    birth_date = models.DateField("date de naissance", null=True)
    sex = models.CharField(
        "sexe", max_length=1, blank=True, choices=[("F", "féminin"), ("M", "masculin")]
    )
    birth_commune = models.CharField("commune de naissance", max_length=5, blank=True)
    ine = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    #: Folded by `raccord.registers.folding`: no extension of PostgreSQL is needed to search.
    search_name = models.CharField(max_length=320, default="", editable=False)
    #: Scolarité protégée: everybody but these sees « retrouvé », without place, school or address.
    protected_by = models.ForeignKey(Structure, models.PROTECT, null=True, related_name="+")
    protected_at = models.DateTimeField(null=True)
    #: Known to have died: hidden everywhere.
    hidden = models.BooleanField(default=False)
    training = models.BooleanField("inventé, pour s’exercer", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "jeune"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(protected_by__isnull=True, protected_at__isnull=True)
                | Q(protected_by__isnull=False, protected_at__isnull=False),
                name="person_protection_dated",
            ),
            one_of("sex", ["F", "M"], blank=True),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["search_name"], opclasses=["text_pattern_ops"], name="person_search"
            ),
            # With a name, for a search beyond one's own scope.
            models.Index(fields=["birth_date"], name="person_born"),
            # Few, and asked for in every rule of visibility.
            models.Index(fields=["id"], condition=Q(hidden=True), name="person_hidden"),
            models.Index(
                fields=["protected_by"],
                condition=Q(protected_at__isnull=False),
                name="person_protected",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.last_name} {self.first_name}"

    def age(self, on: date | None = None) -> int | None:
        """Full years on a day (today by default); born on 29 February, older on 1 March."""
        if self.birth_date is None:
            return None
        on = on or timezone.localdate()
        had_birthday = (on.month, on.day) >= (self.birth_date.month, self.birth_date.day)
        return on.year - self.birth_date.year - (0 if had_birthday else 1)

    @property
    def is_protected(self) -> bool:
        """Scolarité protégée."""
        return self.protected_at is not None


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class ContactDetails(models.Model):
    """How to reach a young person. Apart from their identity: a protected schooling hides this
    row, in the database too."""

    person = models.OneToOneField(
        Person, models.CASCADE, primary_key=True, related_name="details", verbose_name="jeune"
    )
    address = models.CharField("adresse", max_length=240, blank=True)
    postcode = models.CharField("code postal", max_length=10, blank=True)
    commune = models.ForeignKey(
        Commune, models.SET_NULL, null=True, related_name="+", verbose_name="commune"
    )
    phone = models.CharField("téléphone", max_length=30, blank=True)
    email = models.CharField("courriel", max_length=120, blank=True)
    #: What somebody completed is not overwritten by a register.
    completed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "coordonnées"
        verbose_name_plural = "coordonnées"


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class LegalRepresentative(models.Model):
    """Who answers for a young person until 18: identity and contact, nothing else."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="representatives")
    rank = models.PositiveSmallIntegerField(default=1)
    name = models.CharField("nom", max_length=160)
    phone = models.CharField("téléphone", max_length=30, blank=True)
    email = models.CharField("courriel", max_length=120, blank=True)

    class Meta:
        verbose_name = "représentant légal"
        ordering: ClassVar = ["rank", "id"]

    def __str__(self) -> str:
        return self.name
