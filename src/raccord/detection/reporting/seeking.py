"""What a register tells of somebody reported: name, birth date, establishment, and no more.

Parquet knows no row-level security: this is the door (see `detection.door`). The page notes it.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from raccord.accounts.actors import Actor
from raccord.detection.reporting import index
from raccord.followup.reporting.seeking import Enrolled
from raccord.followup.search import searchable
from raccord.matching import lookup
from raccord.matching.lookup import Likely, Sought, Typed
from raccord.matching.lookup_index import Place
from raccord.territory.models import Commune, Structure


def enrolled(actor: Actor, sought: Sought, asked: Typed) -> list[Enrolled]:
    """Who is enrolled today under an identity close to this one, in the académies of whoever asks
    and of where the young person lives; likely or not, their chances are weighed with the cases."""
    found: list[tuple[Likely, Place]] = []
    for academie in _academies(actor, sought):
        opened = index.of(academie)
        if opened is None:
            continue
        lines = opened.around(asked)
        likely = lookup.considered(
            lookup.among(asked, sought.birth_date, opened.rows(lines), behind=opened.lines)
        )
        found += zip(likely, opened.places(int(one.key) for one in likely), strict=True)
    return _told(_once(found))


def _academies(actor: Actor, sought: Sought) -> list[str]:
    found = {s.academie_id for s in actor.structures}
    if sought.commune:
        found |= set(
            Commune.objects.filter(insee=sought.commune).values_list(
                "departement__academie", flat=True
            )
        )
    return sorted(code for code in found if code)


def _once(found: Iterable[tuple[Likely, Place]]) -> list[tuple[Likely, Place]]:
    """The likeliest of each identity in each establishment."""
    ordered = sorted(found, key=lambda pair: -pair[0].weight)
    kept: dict[tuple[str, date | None, str], tuple[Likely, Place]] = {}
    for one, place in ordered:
        kept.setdefault((_name(place), place.birth_date, place.uai), (one, place))
    return list(kept.values())


def _name(place: Place) -> str:
    return searchable(place.last_name, place.first_name)


def _kept_silent(places: list[Place]) -> list[bool]:
    """Those whom nobody tells of: a protected schooling, the dead."""
    if not places:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT raccord_kept_silent(%s::text[], %s::date[])",
            [[_name(place) for place in places], [place.birth_date for place in places]],
        )
        silent: list[bool] = cursor.fetchone()[0]
    return silent


def _told(found: list[tuple[Likely, Place]]) -> list[Enrolled]:
    uais = {place.uai for _, place in found}
    names = dict(Structure.objects.filter(uai__in=uais).values_list("uai", "name"))
    silent = _kept_silent([place for _, place in found])
    return [
        Enrolled(
            last_name=place.last_name,
            first_name=place.first_name,
            birth_date=place.birth_date,
            establishment=names.get(place.uai, place.uai) or "établissement non précisé",
            uai=place.uai,
            weight=one.weight,
            reference=f"{place.source}/{place.uai}/{place.local_id}",
            silent=hidden,
        )
        for (one, place), hidden in zip(found, silent, strict=True)
    ]
