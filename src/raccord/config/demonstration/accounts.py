"""One account per role, on the loopback only: their passwords are written for all to read."""

import secrets
from datetime import date, timedelta
from typing import Any, NamedTuple

from raccord.accounts.models import Membership, Scope, User
from raccord.accounts.roles import Role
from raccord.followup.models import Departure
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

_NAMES = (
    ("Claude", "Bellanger"), ("Dominique", "Tessier"), ("Camille", "Rivoal"), ("Alix", "Morvan"),
    ("Sacha", "Guérin"), ("Charlie", "Lebrun"), ("Maxime", "Kerlann"), ("Andrea", "Poulain"),
    ("Eden", "Chauvet"), ("Noa", "Delattre"), ("Morgan", "Ferrand"), ("Jessie", "Aubry"),
    ("Lou", "Garnier"), ("Yaël", "Perrin"), ("Ange", "Colin"),
)  # fmt: skip


class Part(NamedTuple):
    """Somebody to play in the demonstration."""

    key: str
    role: Role
    structure: Structure
    title: str
    scope: dict[str, Any]


def create_accounts(academie: str, as_of: date) -> list[dict[str, str]]:
    """The accounts, in the words of `var/demo/demo.json`."""
    accounts = []
    for part, (first, last) in zip(_parts(academie), _NAMES, strict=False):
        email = f"{part.key}@demo.test"
        password = f"raccord-demo-{secrets.token_hex(4)}"
        user, _ = User.objects.get_or_create(
            email=email, defaults={"first_name": first, "last_name": last}
        )
        user.demo = True
        user.set_password(password)
        user.save()
        Membership.objects.get_or_create(
            user=user,
            structure=part.structure,
            role=part.role,
            defaults={"title": part.title, "starts_on": as_of - timedelta(days=60), **part.scope},
        )
        accounts.append(
            {
                "role": part.title,
                "email": email,
                "password": password,
                "structure": part.structure.name,
                "start": "/",
            }
        )
    return accounts


def _parts(academie: str) -> list[Part]:
    """A school with enough on its list, and who takes over near it."""
    of = Structure.objects.filter(academie=academie)
    school = _busiest(of, Kind.LYCEE_PRO)
    level = (
        Departure.objects.filter(structure=school)
        .exclude(level="")
        .values_list("level", flat=True)
        .first()
    )
    near = of.filter(departement=school.departement)
    rectorat = of.get(kind=Kind.RECTORAT)
    dsden = near.get(kind=Kind.DSDEN)
    cio = of.filter(kind=Kind.CIO, basin=school.basin).first() or near.get(kind=Kind.CIO)
    psad = of.filter(kind=Kind.PSAD, basin=school.basin).first() or near.get(kind=Kind.PSAD)
    mission = of.filter(kind=Kind.MISSION_LOCALE, basin=school.basin).first()
    parts = [
        Part("proviseur", Role.HEAD, school, "Proviseur", {}),
        Part("cpe", Role.CORRESPONDENT, school, "CPE, référent décrochage", {}),
        Part(
            "professeur", Role.CORRESPONDENT, school, "Professeur principal",
            {"scope": Scope.CLASSES, "classes": [level]} if level else {},
        ),
        Part("secretariat", Role.SECRETARIAT, school, "Secrétariat", {}),
        Part("principal", Role.HEAD, _busiest(of, Kind.COLLEGE), "Principal de collège", {}),
        Part("cfa", Role.HEAD, _busiest(of, Kind.CFA), "Directeur de CFA", {}),
        Part("cio", Role.LEAD, cio, "Directrice du CIO", {}),
        Part("mlds", Role.AGENT, near.get(kind=Kind.MLDS), "Coordonnateur MLDS", {}),
        Part("psad", Role.BASIN_REFERENT, psad, "Référent du bassin (PSAD)", {}),
        Part("dasen", Role.DASEN, dsden, "DASEN", {}),
        Part("ienio", Role.IEN_IO, dsden, "IEN-IO", {}),
        Part("rectorat", Role.TERRITORY_ADMIN, rectorat, "Administrateur du territoire", {}),
        Part("dpo", Role.DPO, rectorat, "Délégué à la protection des données", {}),
        Part("pilotage", Role.STEERING, rectorat, "Pilotage", {}),
    ]  # fmt: skip
    if mission:
        parts.insert(8, Part("missionlocale", Role.AGENT, mission, "Conseiller mission locale", {}))
    return parts


def _busiest(of: Any, kind: Kind) -> Structure:
    """The one with the most departures, so that a first visit shows something."""
    from django.db.models import Count  # noqa: PLC0415 - here only

    found: Structure = (
        of.filter(kind=kind).annotate(n=Count("departures")).order_by("-n", "pk").first()
    )
    return found
