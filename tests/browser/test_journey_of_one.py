"""One young person, from the night they are found missing to their return to school.

Five people in five structures, each at their own screen, do nothing that the screens do not offer;
the school that lost its pupil reads how it ended. Every screen passed through is given to axe.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from tests import cast
from tests.browser.conftest import PATIENCE
from tests.browser.looking import DESK
from tests.browser.stage import TOTP_SECRET
from tests.detection.nights import DAY, LAST_YEAR, Nights, pupils, uai, without
from tests.harness import database

from raccord.accounts.roles import Role
from raccord.territory.geography import folded_name
from raccord.territory.kinds import Kind
from raccord.territory.models import Basin, SchoolYear

pytestmark = pytest.mark.browser

#: Where each of them works.
PLACES = {
    "cio": (Kind.CIO, Role.LEAD, "CIO de la Vilaine"),
    "group": (Kind.PSAD, Role.LEAD, "PSAD de la Vilaine"),
    "mlds": (Kind.MLDS, Role.AGENT, "MLDS de la Vilaine"),
    "back": (Kind.LYCEE_PRO, Role.HEAD, "Lycée professionnel des Roseaux"),
}


class Elsewhere(Nights):
    """Nights of an académie where nothing else happens."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self._rank = folder, count()
        self.academie = cast.academie("14", "Rennes")
        self.place = {
            "departement": cast.departement("035", self.academie),
            "basin": Basin.objects.create(academie=self.academie, code="V", name="Vilaine"),
        }
        self.schools = [self.school(rank, **self.place) for rank in range(4)]
        days = {"rollover_on": (7, 5), "rentree_on": (9, 1), "constat_on": (9, 20)}
        SchoolYear.objects.create(
            academie=self.academie,
            year=DAY.year,
            **{name: DAY.replace(month=m, day=d) for name, (m, d) in days.items()},
        )


@pytest.fixture
def people(
    site: Any, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """The night was played; five people have an account and a telephone for their code."""
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    with django_db_blocker.unblock(), database.using(database.test_name("_browser")):
        nights = Elsewhere(tmp_path / "bases")
        everybody = pupils()
        nights.deposit(everybody, LAST_YEAR)
        nights.deposit(without(everybody, 3), DAY)
        nights.night()
        lost = everybody[3]
        school = next(one for one in nights.schools if one.uai == lost["uai"])
        where = {"head": (school, Role.HEAD)}
        for key, (kind, role, name) in PLACES.items():
            searched = folded_name(name)
            place = cast.structure(kind, name=name, name_normalised=searched, **nights.place)
            where[key] = (place, role)
        for key, (place, role) in where.items():
            who = cast.user(email=f"voyage-{key}@exemple.test")
            who.password = make_password(cast.PASSWORD, hasher=Argon2PasswordHasher())
            who.save()
            TOTP.activate(cast.member(place, role, who), TOTP_SECRET)
    assert uai(3) == lost["uai"]
    yield {"name": lost["nom_famille"], "school": school.name}


class Screen:
    """Somebody at their own screen; what axe finds there is kept for the end."""

    def __init__(self, site: Any, key: str, axe: Callable[..., list[str]]) -> None:
        self.axe = axe
        self.wrong: list[str] = []
        self.read: set[str] = set()
        self.context = site.browser.new_context(
            base_url=site.url, viewport=DESK, locale="fr-FR", reduced_motion="reduce"
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.goto("/")
        self.page.fill("[name=login]", f"voyage-{key}@exemple.test")
        self.page.fill("[name=password]", cast.PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/facteur/verifier/**")
        self.page.fill("[name=code]", cast.code(TOTP_SECRET))
        self.page.press("[name=code]", "Enter")
        self.page.wait_for_url(f"{site.url}/")
        understood = self.page.get_by_role("button", name="J’ai compris")
        if understood.count():
            understood.click()
        self.first = self.look()

    def look(self) -> str:
        """What the page says; axe reads each screen of theirs once."""
        self.page.wait_for_load_state("load")
        screen = re.sub(r"[0-9a-f-]{36}|\?.*", "", self.page.url)
        if screen not in self.read:
            self.read.add(screen)
            self.wrong += [f"{self.page.url} : {line}" for line in self.axe(self.page)]
        said: str = self.page.locator("main").inner_text()
        return said.replace("\u00a0", " ")

    def follow(self, name: str) -> str:
        """A link or a button of the content, by its words."""
        main = self.page.locator("main")
        link = main.get_by_role("link", name=name).or_(main.get_by_role("button", name=name))
        if not link.locator("visible=true").count():
            self.page.locator("main details.autres summary").first.click()
        link.locator("visible=true").first.click()
        return self.look()

    def choose(self, *labels: str) -> None:
        """Radios and boxes, by their words."""
        for label in labels:
            self.page.locator("main form[method=post] label", has_text=label).first.click()

    def save(self) -> str:
        """The button of the form; what is refused stops here."""
        self.page.locator("main form[method=post] button:not([type=button])").last.click()
        said = self.look()
        refused = self.page.locator("main .fr-alert--error, main .fr-error-text")
        assert refused.count() == 0, refused.all_inner_texts()
        return said

    def open(self, name: str) -> str:
        """The sheet of somebody: from the first page, else by looking for them."""
        self.page.goto("/")
        found = self.page.locator("main a", has_text=re.compile(name, re.I))
        if not found.count():
            self.page.fill("main [name=q]", name)
            self.page.press("main [name=q]", "Enter")
            self.page.wait_for_url("**q=*")
        found.first.click()
        return self.look()


def test_from_the_night_they_are_missing_to_their_return(
    site: Any, people: dict[str, Any], axe: Callable[..., list[str]]
) -> None:
    name = people["name"]
    screens = {}

    head = screens["head"] = Screen(site, "head", axe)
    head.open(name)
    head.follow("Noter un appel")
    head.choose("Le jeune", "Cherche une solution")
    head.save()
    head.open(name)
    head.follow("Passer le relais")
    head.choose("CIO de la Vilaine", "Ce jeune sait")
    head.page.select_option("[name=reason]", label="Entretien de situation")
    assert "CIO de la Vilaine" in head.save()

    cio = screens["cio"] = Screen(site, "cio", axe)
    assert "1 dossier vous attend" in cio.first
    cio.open(name)
    cio.follow("Accepter")
    cio.save()
    cio.open(name)
    cio.follow("Noter un entretien")
    cio.choose("A arrêté", "Des pistes à vérifier", "Changer de formation")
    cio.save()
    cio.open(name)
    cio.follow("Associer une structure")
    cio.choose("PSAD de la Vilaine")
    cio.page.select_option("[name=reason]", label="Dossier présenté au groupe d’appui")
    cio.save()

    group = screens["group"] = Screen(site, "group", axe)
    group.open(name)
    group.follow("Préconiser")
    group.choose("Retour en formation sous statut scolaire")
    group.save()
    group.open(name)
    group.follow("Donner un mandat")
    group.choose("MLDS de la Vilaine")
    group.save()

    mlds = screens["mlds"] = Screen(site, "mlds", axe)
    mlds.open(name)
    mlds.follow("Proposer une solution")
    mlds.choose("Retour en formation sous statut scolaire")
    mlds.page.fill("[name=place]", PLACES["back"][2])
    mlds.save()
    mlds.open(name)
    mlds.follow("Noter sa réponse")
    mlds.choose("Il accepte")
    mlds.save()
    mlds.open(name)
    mlds.follow("Rendre compte")
    mlds.choose("Accompagnement en cours")
    mlds.save()

    # The CIO still holds: it passes the baton to the school that has the place.
    cio.open(name)
    cio.follow("Passer le relais")
    cio.page.fill("[name=chercher]", "Roseaux")
    cio.page.press("[name=chercher]", "Enter")
    cio.look()
    cio.choose(PLACES["back"][2])
    cio.page.select_option("[name=reason]", label="Retour en formation à préparer")
    cio.save()

    back = screens["back"] = Screen(site, "back", axe)
    back.page.goto("/relais/recus/")
    back.follow("Accepter")
    back.save()
    back.open(name)
    back.follow("C’est commencé")
    back.choose("Certificat ou attestation")
    back.save()

    # Who lost them reads it.
    told = head.open(name)
    assert "Scolarisé" in told
    assert PLACES["back"][2] in told
    assert "A arrêté" not in told, "what is said at an interview is not told to the school"

    wrong = [line for screen in screens.values() for line in screen.wrong]
    for screen in screens.values():
        screen.context.close()
    assert wrong == []
