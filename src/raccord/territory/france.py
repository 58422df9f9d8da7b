"""France as shipped, written into the tables: académies, départements, communes."""

from collections.abc import Sequence

from django.db import connection, transaction

from raccord.territory import geography
from raccord.territory.models import Academie, Departement

_COLUMNS = (
    "insee", "name", "name_normalised", "postcodes", "population", "departement_id", "latitude",
    "longitude",
)  # fmt: skip


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
    rows = [
        (
            c.code,
            c.name,
            geography.folded_name(c.name),
            list(c.postcodes),
            c.population,
            c.departement,
            c.latitude,
            c.longitude,
        )
        for c in geography.communes()
        # communes déléguées are names of the past: they lead to the commune of today
        if c.departement in known and geography.current_commune(c.code) is c
    ]
    _copy_communes(rows)
    return len(rows)


def _copy_communes(rows: Sequence[tuple[object, ...]]) -> None:
    """35,000 rows at once; the basin of a commune is the territory's own, and stays."""
    names = ", ".join(_COLUMNS)
    updates = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE arriving (LIKE territory_commune INCLUDING DEFAULTS) ON COMMIT DROP"
        )
        with cursor.copy(f"COPY arriving ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO territory_commune ({names}) SELECT {names} FROM arriving "
            f"ON CONFLICT (insee) DO UPDATE SET {updates}"
        )
        cursor.execute("DROP TABLE arriving")
