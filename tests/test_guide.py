"""The guide says what each role does: no act of theirs, no entry of their menu is missing in it."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from django.test import RequestFactory
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.models import Case, Party
from raccord.followup.rights import Act, abilities
from raccord.followup.vocabulary import Lane, PartyKind, Status
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure
from raccord.ui import navigation

GUIDE = Path(__file__).resolve().parents[1] / "docs/guide"
PAGES = sorted(GUIDE.glob("*.md"))
HEAVIEST_IMAGE, HEAVIEST_GUIDE = 150_000, 4_000_000

#: Page: those it is written for.
ROLES: dict[str, list[tuple[Kind, Role]]] = {
    "chef-etablissement": [(Kind.LYCEE, Role.HEAD), (Kind.COLLEGE, Role.HEAD)],
    "correspondant": [(Kind.LYCEE, Role.CORRESPONDENT)],
    "secretariat": [(Kind.LYCEE, Role.SECRETARIAT)],
    "cio": [(Kind.CIO, Role.LEAD), (Kind.CIO, Role.AGENT)],
    "mlds": [(Kind.MLDS, Role.AGENT)],
    "groupe-appui": [(Kind.PSAD, Role.LEAD), (Kind.PSAD, Role.AGENT)],
    "mission-locale": [(Kind.MISSION_LOCALE, Role.LEAD), (Kind.MISSION_LOCALE, Role.AGENT)],
    "cfa": [(Kind.CFA, Role.HEAD)],
    "etablissement-agricole": [(Kind.LYCEE_AGRICOLE, Role.HEAD), (Kind.MFR, Role.HEAD)],
    "plateforme-emploi": [(Kind.EMPLOYMENT_PLATFORM, Role.LEAD)],
    "partenaires": [
        (Kind.FRANCE_TRAVAIL, Role.AGENT),
        (Kind.INFO_JEUNES, Role.AGENT),
        (Kind.E2C, Role.LEAD),
        (Kind.EPIDE, Role.AGENT),
    ],
    "dasen-ien-io": [(Kind.DSDEN, Role.DASEN), (Kind.DSDEN, Role.IEN_IO)],
    "referent-bassin": [(Kind.PSAD, Role.BASIN_REFERENT)],
    "administrateur": [(Kind.RECTORAT, Role.TERRITORY_ADMIN)],
    "dpo": [(Kind.RECTORAT, Role.DPO)],
    "pilotage": [(Kind.RECTORAT, Role.STEERING), (Kind.REGION, Role.STEERING)],
}
#: Acts without a page of their own: the words of the screen where they are done.
WORDS = {
    Act.VIEW: "Ouvrir le dossier",
    Act.NOTES: "Lire les mots laissés",
    Act.CONFIRM_SAME: "C’est lui",
    Act.CONFIRM_OTHER: "Ce n’est pas lui",
    Act.LETTER: "Courrier ou message",
    Act.UNDO: "Annuler cet acte",
    Act.INTERVIEWS: "Lire les entretiens",
    Act.PROTECT: "Protéger sa scolarité",
    Act.FALSE_ALARM: "Fausse alerte",
}


def plain(text: str) -> str:
    """As somebody would type it."""
    for typed, printed in ((" ", "\u00a0\u202f"), ("'", "’")):
        for character in printed:
            text = text.replace(character, typed)
    return text


def page(name: str) -> str:
    return plain((GUIDE / f"{name}.md").read_text("utf-8"))


@cache
def words(act: Act) -> str:
    """What the screen calls an act: the title of its page."""
    if act in WORDS:
        return plain(WORDS[act])
    key = "00000000-0000-0000-0000-000000000001"
    for keys in ([key], [key, key]):
        with suppress(NoReverseMatch):
            view = resolve(reverse(f"followup:{act}", args=keys)).func
            return plain(getattr(getattr(view, "view_class", None), "title", "") or "")
    return ""


def cases(structure: Structure) -> Iterator[Case]:
    """What may come to somebody: theirs, received, joint, left, closed, reported."""
    today = timezone.localdate()
    situation = {
        "situation": "schooled",
        "situation_proof": "certificate",
        "situation_confirmed_on": today,
        "situation_lapses_on": today + timedelta(days=90),
    }
    closed = {"status": Status.CLOSED, "outcome": "schooled", "closed_on": today}
    place = {"departement": structure.departement, "basin": structure.basin}
    for given in (
        situation,
        {"status": Status.TRANSMITTED},
        {"status": Status.TO_CONFIRM},
        closed,
        {"lane": Lane.UNDER_16},
    ):
        yield cast.case(structure, **place | given)
    elsewhere = cast.structure(Kind.LYCEE, departement=structure.departement)
    for kind in (PartyKind.RECEIVER, PartyKind.ASSOCIATED, PartyKind.FORMER, PartyKind.ORIGIN):
        made = cast.case(elsewhere, **place)
        Party.objects.create(case=made, structure=structure, kind=kind)
        yield made
    yield cast.case(elsewhere, **place | {"lane": Lane.UNDER_16})


def actors(name: str) -> Iterator[Actor]:
    for kind, role in ROLES[name]:
        structure = cast.structure(kind, basin=cast.basin())
        yield cast.actor(structure, role)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ROLES)
def test_every_act_of_a_role_is_told_in_its_page_and_no_other(name: str) -> None:
    allowed: set[Act] = set()
    for actor in actors(name):
        for made in cases(actor.memberships[0].structure):
            found = Case.objects.prefetch_related("parties", "departures").get(pk=made.pk)
            allowed |= {act for act, able in abilities(actor, found).items() if able}
    wanted = {words(act) for act in allowed if words(act)}
    told = set(re.findall(r"^- \*\*(.+?)\*\* : ", page(name), re.M))
    assert told >= wanted, "not told"
    acts_told = {act for act in Act if words(act) in told}
    assert acts_told <= allowed, "told, and refused"
    assert len(told) == len(acts_told), "told, and nowhere on screen"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ROLES)
def test_every_entry_of_the_menu_is_told(name: str, rf: RequestFactory) -> None:
    shown: set[str] = set()
    for actor in actors(name):
        for entry in navigation.menu(rf.get("/"), actor):
            shown |= {plain(page["label"]) for page in entry["pages"] or [entry]}
    assert set(re.findall(r"^\| \*\*([^*]+)\*\* \|", page(name), re.M)) == shown


@pytest.mark.django_db
@pytest.mark.parametrize("name", ROLES)
def test_what_is_folded_in_the_menu_is_told(name: str, rf: RequestFactory) -> None:
    told = page(name).partition("## Le menu")[2].partition("\n## ")[0]
    said = " ".join(line for line in told.split("\n") if not line.startswith("|"))
    for actor in actors(name):
        for entry in navigation.menu(rf.get("/"), actor):
            if entry["pages"]:
                assert f"« {plain(entry['label'])} »" in said
            for one in entry["pages"]:
                assert f"« {plain(one['label'])} »" in said


def test_each_page_is_in_the_table_of_contents() -> None:
    index = page("README")
    assert {path.stem for path in PAGES} - {"README"} == set(ROLES)
    assert [name for name in ROLES if f"({name}.md)" not in index] == []


def test_every_picture_is_there_light_and_shown() -> None:
    shown = {
        name for path in PAGES for name in re.findall(r"\]\(images/([^)]+)\)", path.read_text())
    }
    images = {path.name: path.stat().st_size for path in (GUIDE / "images").iterdir()}
    assert shown == set(images)
    assert {n: s for n, s in images.items() if s > HEAVIEST_IMAGE} == {}
    assert sum(images.values()) < HEAVIEST_GUIDE


def test_it_says_why_attachments_are_not_kept() -> None:
    assert "pièces jointes" in page("README")
