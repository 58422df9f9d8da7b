"""Territory: where things are, and every structure in one table."""

from datetime import date
from typing import Any, ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from raccord.territory.choices import one_of
from raccord.territory.kinds import SCHOOLS, Kind

#: `Structure.source` of the schools where people practise on invented pupils: no directory, no
#: territory and no figure knows them.
PRACTICE = "entrainement"


class Academie(models.Model):
    """An académie: a territory with its own calendar and time zone."""

    code = models.CharField("code", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=60)
    time_zone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris")

    class Meta:
        verbose_name = "académie"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Departement(models.Model):
    """A département, or the collectivity that stands in for one."""

    code = models.CharField("code", max_length=3, primary_key=True)
    name = models.CharField("nom", max_length=60)
    region = models.CharField("région", max_length=60, blank=True)
    academie = models.ForeignKey(
        Academie, models.PROTECT, null=True, related_name="departements", verbose_name="académie"
    )

    class Meta:
        verbose_name = "département"
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class Basin(models.Model):
    """A school basin: the local level where schools, CIO and partners meet."""

    academie = models.ForeignKey(Academie, models.PROTECT, related_name="basins")
    code = models.CharField("code", max_length=20)
    name = models.CharField("nom", max_length=80)

    class Meta:
        verbose_name = "bassin"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["academie", "code"], name="basin_code_unique")
        ]

    def __str__(self) -> str:
        return self.name


class Commune(models.Model):
    """A commune or municipal arrondissement, by its INSEE code."""

    insee = models.CharField("code INSEE", max_length=5, primary_key=True)
    name = models.CharField("nom", max_length=80)
    name_normalised = models.CharField(max_length=80, db_index=True)
    postcodes = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    population = models.PositiveIntegerField(null=True)
    departement = models.ForeignKey(Departement, models.PROTECT, related_name="communes")
    basin = models.ForeignKey(Basin, models.SET_NULL, null=True, related_name="communes")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        verbose_name = "commune"
        ordering: ClassVar = ["name", "insee"]

    def __str__(self) -> str:
        return f"{self.name} ({self.departement_id})"


class StructureQuerySet(models.QuerySet["Structure"]):
    """Reads of structures."""

    def open(self, on: date | None = None) -> "StructureQuerySet":
        """Those that exist on a day (today by default), practice schools apart."""
        on = on or date.today()
        return self.exclude(source=PRACTICE).filter(
            Q(opened_on__isnull=True) | Q(opened_on__lte=on),
            Q(closed_on__isnull=True) | Q(closed_on__gt=on),
        )

    def schools(self) -> "StructureQuerySet":
        """Those that have pupils, hence a register."""
        return self.filter(kind__in=SCHOOLS)

    def serving(self, commune: str) -> "StructureQuerySet":
        """Those whose area has this commune. School basin, CIO district, mission locale area and
        PSAD differ: the area is the structure's own, never its basin's."""
        return self.filter(area__commune_id=commune)


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Structure(models.Model):
    """Any body: school, CFA, CIO, MLDS, PSAD, mission locale, rectorat..."""

    kind = models.CharField("type", max_length=30, choices=[(k.value, k.label) for k in Kind])
    uai = models.CharField("UAI", max_length=8, null=True, unique=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    name = models.CharField("nom", max_length=160)
    name_normalised = models.CharField(max_length=160, db_index=True, default="")
    sector = models.CharField(
        "secteur",
        max_length=12,
        blank=True,
        choices=[("public", "public"), ("prive", "privé"), ("hors_contrat", "privé hors contrat")],
    )
    address = models.CharField("adresse", max_length=200, blank=True)
    postcode = models.CharField("code postal", max_length=5, blank=True)
    commune = models.ForeignKey(Commune, models.SET_NULL, null=True, related_name="structures")
    departement = models.ForeignKey(
        Departement, models.PROTECT, null=True, related_name="structures"
    )
    academie = models.ForeignKey(Academie, models.PROTECT, null=True, related_name="structures")
    basin = models.ForeignKey(Basin, models.SET_NULL, null=True, related_name="structures")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("courriel de la structure", blank=True)
    website = models.URLField("site", blank=True)
    opened_on = models.DateField("ouverte le", null=True)
    closed_on = models.DateField("fermée le", null=True)
    #: Cité scolaire, SEP, SEGPA, UFA: one house, one head, one list; a move inside is silent.
    house = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="parts", verbose_name="maison"
    )
    source = models.CharField(max_length=60, blank=True)
    #: What tells it from the others of its source, from one delivery to the next.
    source_reference = models.CharField(max_length=255, blank=True)
    source_date = models.DateField(null=True)

    objects: ClassVar[Any] = StructureQuerySet.as_manager()

    class Meta:
        verbose_name = "structure"
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            one_of("kind", [k.value for k in Kind]),
            one_of("sector", ["public", "prive", "hors_contrat"], blank=True),
            models.CheckConstraint(
                condition=Q(opened_on__isnull=True)
                | Q(closed_on__isnull=True)
                | Q(closed_on__gte=models.F("opened_on")),
                name="structure_closes_after_opening",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["academie", "kind"]),
            models.Index(fields=["siret"], condition=~Q(siret=""), name="structure_siret"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_school(self) -> bool:
        """Whether it has pupils, hence a register."""
        return self.kind in SCHOOLS

    @property
    def is_practice(self) -> bool:
        """Whether it was made to practise, with invented pupils."""
        return self.source == PRACTICE


class AreaCommune(models.Model):
    """A commune of the area a structure serves."""

    structure = models.ForeignKey(Structure, models.CASCADE, related_name="area")
    commune = models.ForeignKey(Commune, models.CASCADE, related_name="served_by")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["structure", "commune"], name="area_once")
        ]


class Succession(models.Model):
    """A structure that took over from another: merger, split, change of UAI."""

    former = models.ForeignKey(Structure, models.CASCADE, related_name="successors")
    successor = models.ForeignKey(Structure, models.CASCADE, related_name="predecessors")
    on = models.DateField("le")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["former", "successor"], name="succession_once"),
            models.CheckConstraint(
                condition=~Q(former=models.F("successor")), name="succession_of_another"
            ),
        ]


class SchoolYear(models.Model):
    """The calendar of a territory for one campaign year (1 July to 30 June).

    Until the *constat de rentrée*, lists are provisional: no clock runs and nothing counts.
    """

    academie = models.ForeignKey(Academie, models.CASCADE, related_name="school_years")
    year = models.PositiveSmallIntegerField("année (celle de la rentrée)")
    rollover_on = models.DateField("bascule des bases")
    rentree_on = models.DateField("rentrée")
    constat_on = models.DateField("constat de rentrée")

    class Meta:
        ordering: ClassVar = ["academie", "year"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["academie", "year"], name="school_year_once"),
            models.CheckConstraint(
                condition=Q(rentree_on__gte=models.F("rollover_on"))
                & Q(constat_on__gte=models.F("rentree_on")),
                name="school_year_in_order",
            ),
        ]

    def is_provisional(self, on: date) -> bool:
        """Whether lists of that day are provisional."""
        return on < self.constat_on
