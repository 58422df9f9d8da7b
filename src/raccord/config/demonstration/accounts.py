"""One account per role, on the loopback only: their passwords are written for all to read."""

import secrets
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.hashers import Argon2PasswordHasher, make_password

from raccord.accounts.models import Membership, Scope, User
from raccord.accounts.roles import Role
from raccord.followup.models import Departure
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

_NAMES = (
    ("Claude", "Bellanger"), ("Dominique", "Tessier"), ("Camille", "Rivoal"), ("Alix", "Morvan"),
    ("Sacha", "Guérin"), ("Charlie", "Lebrun"), ("Maxime", "Kerlann"), ("Andrea", "Poulain"),
    ("Eden", "Chauvet"), ("Noa", "Delattre"), ("Morgan", "Ferrand"), ("Jessie", "Aubry"),
    ("Lou", "Garnier"), ("Yaël", "Perrin"), ("Ange", "Colin"), ("Stéphane", "Roussel"),
    ("Manu", "Tanguy"), ("Fréd", "Bazin"), ("Gwen", "Le Floc’h"), ("Joss", "Berthier"),
    ("Loïs", "Marchal"), ("Robin", "Salaün"), ("Éloi", "Carpentier"), ("Nat", "Hervouet"),
    ("Solal", "Duvivier"), ("Céleste", "Ogier"),
)  # fmt: skip

#: How the accounts are grouped on the terminal: each with the kinds of its structures.
GROUPS = (
    (
        "Les établissements",
        ("proviseur", "cpe", "professeur", "secretariat", "principal", "cfa", "agricole"),
    ),
    (
        "Ceux qui prennent le relais",
        ("cio", "mlds", "psad", "referent", "missionlocale", "conseiller", "plateforme"),
    ),
    ("Les partenaires", ("francetravail", "infojeunes", "e2c", "epide", "greta")),
    (
        "L’académie et la Région",
        ("dasen", "ienio", "rectorat", "dpo", "pilotage", "region", "draaf"),
    ),
)  # fmt: skip


class _Quick(Argon2PasswordHasher):
    """Written for all to read, on the loopback: seconds of hashing would protect nothing. Whoever
    signs in has it hashed again, in full."""

    time_cost, memory_cost, parallelism = 1, 1024, 1


class Part(NamedTuple):
    """Somebody to play in the demonstration."""

    key: str
    role: Role
    structure: Structure | None
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
        user.password = make_password(password, hasher=_Quick())
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
                "structure": str(part.structure),
                "start": "/",
            }
        )
    return accounts


def _parts(academie: str) -> list[Part]:
    """A school with enough on its list, and who takes over near it."""
    of = Structure.objects.filter(academie=academie)
    school = _busiest(of, Kind.LYCEE_PRO)
    assert school is not None  # noqa: S101 - the simulator makes some in every territory
    level = (
        Departure.objects.filter(structure=school)
        .exclude(level="")
        .values_list("level", flat=True)
        .first()
    )
    near = of.filter(departement=school.departement)
    rectorat = of.get(kind=Kind.RECTORAT)
    dsden = near.get(kind=Kind.DSDEN)
    serving = {kind: _near(of, kind, school) for kind in _SERVICES}
    nearby = {
        kind: _busiest(near, kind) or _busiest(of, kind)
        for kind in (Kind.COLLEGE, Kind.CFA, Kind.LYCEE_AGRICOLE)
    }
    mission = serving[Kind.MISSION_LOCALE]
    parts = [
        Part("proviseur", Role.HEAD, school, "Proviseur", {}),
        Part("cpe", Role.CORRESPONDENT, school, "CPE, référent décrochage", {}),
        Part(
            "professeur", Role.CORRESPONDENT, school, "Professeur principal",
            {"scope": Scope.CLASSES, "classes": [level]} if level else {},
        ),
        Part("secretariat", Role.SECRETARIAT, school, "Secrétariat", {}),
        Part("principal", Role.HEAD, nearby[Kind.COLLEGE], "Principal de collège", {}),
        Part("cfa", Role.HEAD, nearby[Kind.CFA], "Directeur de CFA", {}),
        Part("agricole", Role.HEAD, nearby[Kind.LYCEE_AGRICOLE], "Lycée agricole", {}),
        Part("cio", Role.LEAD, serving[Kind.CIO], "Directrice du CIO", {}),
        Part("mlds", Role.AGENT, serving[Kind.MLDS], "Coordonnateur MLDS", {}),
        Part("psad", Role.LEAD, serving[Kind.PSAD], "Responsable du PSAD (groupe d’appui)", {}),
        Part("referent", Role.BASIN_REFERENT, serving[Kind.PSAD], "Référent du bassin", {}),
        Part("missionlocale", Role.LEAD, mission, "Responsable mission locale", {}),
        Part("conseiller", Role.AGENT, mission, "Conseiller mission locale", {}),
        Part(
            "plateforme", Role.LEAD, serving[Kind.EMPLOYMENT_PLATFORM],
            "Plateforme vers l’emploi", {},
        ),
        Part("francetravail", Role.AGENT, serving[Kind.FRANCE_TRAVAIL], "France Travail", {}),
        Part("infojeunes", Role.AGENT, serving[Kind.INFO_JEUNES], "Info Jeunes", {}),
        Part("e2c", Role.LEAD, serving[Kind.E2C], "École de la 2e chance", {}),
        Part("epide", Role.AGENT, serving[Kind.EPIDE], "EPIDE", {}),
        Part("greta", Role.AGENT, serving[Kind.GRETA], "GRETA", {}),
        Part("dasen", Role.DASEN, dsden, "DASEN", {}),
        Part("ienio", Role.IEN_IO, dsden, "IEN-IO", {}),
        Part("rectorat", Role.TERRITORY_ADMIN, rectorat, "Administrateur du territoire", {}),
        Part("dpo", Role.DPO, rectorat, "Délégué à la protection des données", {}),
        Part("pilotage", Role.STEERING, rectorat, "Pilotage", {}),
        Part("region", Role.STEERING, _near(of, Kind.REGION, school), "Région (chiffres)", {}),
        Part("draaf", Role.STEERING, _near(of, Kind.DRAAF, school), "DRAAF (chiffres)", {}),
    ]  # fmt: skip
    return [part for part in parts if part.structure]


_SERVICES = (
    Kind.CIO, Kind.MLDS, Kind.PSAD, Kind.MISSION_LOCALE, Kind.EMPLOYMENT_PLATFORM,
    Kind.FRANCE_TRAVAIL, Kind.INFO_JEUNES, Kind.E2C, Kind.EPIDE, Kind.GRETA,
)  # fmt: skip


def _near(of: Any, kind: Kind, school: Structure) -> Any:
    """The one of the basin, else of the département, else any."""
    found = list(of.filter(kind=kind).order_by("pk"))
    here = ("basin_id", "departement_id")
    for field in here:
        for one in found:
            if getattr(school, field) and getattr(one, field) == getattr(school, field):
                return one
    return found[0] if found else None


def _busiest(of: Any, kind: Kind) -> Structure | None:
    """The one with the most departures, so that a first visit shows something."""
    from django.db.models import Count  # noqa: PLC0415 - here only

    found: Structure | None = (
        of.filter(kind=kind).annotate(n=Count("departures")).order_by("-n", "pk").first()
    )
    return found
