"""France as shipped, written into the tables: académies, départements, communes."""

from django.db import transaction

from raccord.territory import geography
from raccord.territory.models import Academie, Commune, Departement

_BATCH = 5_000


@transaction.atomic
def load_france() -> int:
    """Write or refresh the geography; returns how many communes there are. May be run again."""
    Academie.objects.bulk_create(
        (Academie(code=a.code, name=a.name, time_zone=a.time_zone) for a in geography.academies()),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "time_zone"],
    )
    regions = {region.code: region.name for region in geography.regions()}
    Departement.objects.bulk_create(
        (
            Departement(
                code=d.code,
                name=d.name,
                region=regions.get(d.region, ""),
                academie_id=d.academie,
            )
            for d in geography.departements()
        ),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "region", "academie"],
    )
    known = {d.code for d in geography.departements()}
    communes = [
        Commune(
            insee=c.code,
            name=c.name,
            name_normalised=geography.folded_name(c.name),
            postcodes=list(c.postcodes),
            population=c.population,
            departement_id=c.departement,
            latitude=c.latitude,
            longitude=c.longitude,
        )
        for c in geography.communes()
        # communes déléguées are names of the past: they lead to the commune of today
        if c.departement in known and geography.current_commune(c.code) is c
    ]
    Commune.objects.bulk_create(
        communes,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["insee"],
        # the basin is the territory's own: it stays
        update_fields=[
            "name", "name_normalised", "postcodes", "population", "departement", "latitude",
            "longitude",
        ],
    )  # fmt: skip
    return len(communes)
