"""The lists: which cases each person sees first, in which order, and what to do with each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Count, F, Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models import DateField as SqlDate
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import OF_DEPARTEMENT, OF_STRUCTURE, Role
from raccord.followup.freshness import Freshness, freshness
from raccord.followup.models import Case, Departure
from raccord.followup.querysets import URGENT_DAYS, CaseQuerySet, urgent
from raccord.followup.search import searchable
from raccord.followup.training import academie_of
from raccord.followup.vocabulary import Lane, Outcome, Status
from raccord.matching.wording import count, number, typeset
from raccord.territory.models import SchoolYear, Structure

PAGE = 25
#: Month and day of the constat de rentrée where the territory stated none (detection.calendars).
_CONSTAT = (9, 20)
#: Ends of a case that say nothing of what became of somebody.
_NO_NEWS = (Outcome.SILENT, Outcome.UNDONE, Outcome.FALSE_ALARM)


@dataclass(frozen=True)
class Tab:
    """One list of the page."""

    key: str
    label: str
    condition: Q
    empty: str
    optional: bool = False
    #: What is settled is read by date, what waits by urgency.
    settled: bool = False


def tabs_of(actor: Actor, today: date) -> list[Tab]:
    """The lists of somebody, the one that waits for an act first."""
    found: list[Tab] = []
    mine = [m.structure_id for m in actor.memberships if m.role in OF_STRUCTURE]
    if mine:
        found += _of_structures(mine, today)
    if actor.has(*OF_DEPARTEMENT):
        overdue = Q(worked_on_at__isnull=True, untouched_until__lt=today)
        found += [
            Tab(
                "moins-de-16",
                "Moins de 16 ans",
                Q(lane=Lane.UNDER_16),
                "Aucun jeune de moins de 16 ans signalé dans le département.",
            ),
            Tab(
                "sans-acte",
                "Sans acte dans le délai",
                overdue & ~Q(lane=Lane.UNDER_16),
                "Aucun dossier en retard : les établissements du département ont agi.",
            ),
        ]
    if actor.has(Role.BASIN_REFERENT):
        basins = {
            m.structure.basin_id for m in actor.memberships if m.role == Role.BASIN_REFERENT
        } - {None}
        condition = Q(basin__in=basins) & ~Q(status=Status.CLOSED)
        found.append(Tab("bassin", "Mon bassin", condition, "Aucun dossier ouvert sur le bassin."))
    return found


def _of_structures(mine: list[int], today: date) -> list[Tab]:
    held = Q(holder__in=mine)
    back = Q(status=Status.PAUSED, next_act_on__lte=today)
    week = today - timedelta(days=7)
    elsewhere = ~held & ~Q(status__in=[Status.CLOSED, Status.TRANSMITTED])
    year = today - timedelta(days=365)
    ended = Q(status=Status.CLOSED, closed_on__gte=year) & ~Q(outcome__in=_NO_NEWS)
    waiting = held & (Q(status=Status.TO_CHECK) | back)
    # Ten graduates for one who left without anything: together, these would be lost from sight.
    graduate = Q(lane=Lane.GRADUATE)
    return [
        Tab(
            "a-verifier",
            "À vérifier",
            waiting & ~graduate,
            "Personne à vérifier.",
        ),
        Tab(
            "a-confirmer",
            "À confirmer",
            held & Q(status=Status.TO_CONFIRM),
            "Personne à confirmer : aucune inscription ressemblante n’attend votre avis.",
        ),
        Tab(
            "diplomes",
            "Diplômés sans solution",
            waiting & graduate,
            "Aucun diplômé sans solution connue.",
            optional=True,
        ),
        Tab(
            "en-pause",
            "En pause",
            held & Q(status=Status.PAUSED) & ~back,
            "Aucun dossier en pause.",
            optional=True,
        ),
        Tab("transmis", "Transmis", Q(status=Status.TRANSMITTED), "Aucun dossier transmis."),
        Tab(
            "retrouves",
            "Retrouvés cette semaine",
            Q(status=Status.CLOSED, outcome=Outcome.FOUND, closed_on__gte=week),
            "Personne n’a été retrouvé dans une base ces sept derniers jours.",
            settled=True,
        ),
        Tab(
            "suivis",
            "Suivis depuis leur départ",
            ended | elsewhere,
            "Personne encore : ceux dont le dossier se termine restent visibles ici un an.",
            settled=True,
        ),
    ]


#: Of the address -> lanes; the words are those of the screen.
LANES: dict[str, tuple[str, tuple[str, ...]]] = {
    "moins-de-16": ("Moins de 16 ans", (Lane.UNDER_16,)),
    "16-17": ("16-17 ans", (Lane.OBLIGATION_16_17, Lane.YOUNG_GRADUATE)),
    "18-plus": ("18 ans et plus, sans diplôme connu", (Lane.DROPOUT,)),
    "diplome-inconnu": ("Diplôme inconnu", (Lane.DIPLOMA_UNKNOWN,)),
    "diplome": ("Diplômé sans solution", (Lane.GRADUATE,)),
    "hors-academie": ("Départ annoncé hors de l’académie", (Lane.LEFT_ACADEMIE,)),
    "age-inconnu": ("Âge inconnu", (Lane.AGE_UNKNOWN,)),
}
#: The wave is who was gone at the constat de rentrée of their campaign and of their territory.
WAVES = {"rentree": "Vague de la rentrée", "annee": "En cours d’année"}


def _constat() -> Coalesce:
    """The day of the constat de rentrée of a case: it differs from one académie to another, and
    from one year to the next."""
    stated = SchoolYear.objects.filter(academie=OuterRef("academie"), year=OuterRef("school_year"))
    usual = Func(
        F("school_year"),
        *(Value(part, output_field=IntegerField()) for part in _CONSTAT),
        function="make_date",
        output_field=SqlDate(),
    )
    return Coalesce(Subquery(stated.values("constat_on")), usual)


@dataclass(frozen=True)
class Filters:
    """What the person asked to see, read from the address; an unknown value asks for nothing."""

    search: str = ""
    wave: str = ""
    lane: str = ""
    level: str = ""
    school: int | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        """From the query string."""
        school = asked.get("etablissement", "")
        search = " ".join(asked.get("q", "").split())[:80]
        return cls(
            search=search if searchable(search) else "",
            wave=asked.get("vague", "") if asked.get("vague") in WAVES else "",
            lane=asked.get("circuit", "") if asked.get("circuit") in LANES else "",
            level=asked.get("classe", "")[:60],
            school=int(school) if school.isdecimal() and len(school) < 10 else None,
        )

    @property
    def narrow(self) -> bool:
        """Whether something beside the search is asked."""
        return bool(self.wave or self.lane or self.level or self.school)

    def condition(self) -> Q:
        """As a condition on cases."""
        found = Q()
        if self.lane:
            found &= Q(lane__in=LANES[self.lane][1])
        if self.wave:
            early = Q(LessThan(Coalesce("left_on", "opened_on"), _constat()))
            found &= early if self.wave == "rentree" else ~early
        departed = Q()
        if self.level:
            departed &= Q(level=self.level)
        if self.school:
            departed &= Q(structure=self.school)
        if departed:
            found &= Q(pk__in=Departure.objects.filter(departed).values("case"))
        for word in searchable(self.search).split():
            name = "person__search_name"
            found &= Q(**{f"{name}__startswith": word}) | Q(**{f"{name}__contains": f" {word}"})
        return found


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of a list whose length is already known.

    `rows` is sorted by itself, then joined to what a row shows: a page of it, not the whole list.
    """

    def __init__(self, rows: CaseQuerySet, shown: CaseQuerySet, length: int) -> None:
        super().__init__(rows, PAGE)
        self._rows, self._shown = rows, shown
        self._length = length

    def page(self, number: int | str) -> "Page[Case]":
        """The rows of one page."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = self._rows.values("pk")[first : first + self.per_page]
        return Page(self._shown.filter(pk__in=keys), number, self)

    @cached_property
    def count(self) -> int:
        """Given, not asked again."""
        return self._length


@dataclass
class CaseList:
    """Everything the page of a list shows."""

    actor: Actor
    tabs: list[Tab]
    tab: Tab | None
    filters: Filters
    counts: dict[str, int]
    page: "Page[Case]"
    fresh: Freshness
    levels: list[str]
    schools: list[Structure]
    today: date

    @property
    def of_school(self) -> bool:
        """Whether this is a school's own list."""
        return bool(self.actor.schools) and self.tabs[0].key == "a-verifier"

    @property
    def title(self) -> str:
        """The words of the person who reads."""
        if self.of_school:
            return "Mes élèves sortis"
        return "Jeunes que nous suivons" if self.tabs[0].key == "a-verifier" else "Jeunes à suivre"

    @property
    def headline(self) -> str:
        """The first sentence, true today."""
        first = self.tabs[0]
        waiting, urgent = self.counts[first.key], self.counts["urgent"]
        if first.key == "moins-de-16":
            overdue = self.counts["sans-acte"]
            return typeset(
                f"{count(waiting, 'jeune')} de moins de 16 ans à suivre dans le département, "
                f"{count(overdue, 'dossier')} sans acte dans le délai."
            )
        if first.key == "bassin":
            return typeset(f"{count(waiting, 'dossier ouvert', 'dossiers ouverts')} sur le bassin.")
        if waiting == 0:
            confirm = self.counts["a-confirmer"]
            if confirm:
                return typeset(f"Personne à vérifier ; {count(confirm, 'jeune')} à confirmer.")
            return "Personne à vérifier."
        said = f"{count(waiting, 'jeune')} à vérifier"
        if urgent:
            said += (
                f", dont {count(urgent, 'urgent')} (moins de 18 ans, sans nouvelles depuis "
                f"{URGENT_DAYS} jours)"
            )
        return typeset(f"{said}.")

    @property
    def spared(self) -> str:
        """The calls that were saved: « 200 sorties, 188 retrouvées sans un appel »."""
        if not self.fresh.tally or not self.of_school:
            return ""
        leavers, found = self.fresh.tally
        return typeset(
            f"Depuis juillet : {number(leavers)} sorties, {number(found)} retrouvées sans un appel."
        )


def build(actor: Actor, asked: Mapping[str, str]) -> CaseList | None:
    """The list somebody asked for; None when no membership shows names."""
    today = timezone.localdate()
    tabs = tabs_of(actor, today)
    if not tabs:
        return None
    filters = Filters.read(asked)
    tab = next((t for t in tabs if t.key == asked.get("liste")), tabs[0])
    visible = Case.objects.visible_to(actor)
    narrowed = filters.condition()
    counts = _counts(visible, tabs, narrowed, today)
    searching = bool(filters.search)
    rows = visible.filter(narrowed) if searching else visible.filter(tab.condition, narrowed)
    length = counts["shown"] if searching else counts[f"{tab.key} shown"]
    schools = list(actor.schools) if len(actor.schools) > 1 else []
    settled = tab.settled and not searching
    candidates = searching or tab.key == "a-confirmer"
    one_school = len(actor.schools) == 1 == len(actor.structures)
    shown = Case.objects.for_rows(candidates=candidates, schools=not one_school)
    if settled:
        rows, shown = rows.latest_first(today), shown.latest_first(today)
    else:
        rows, shown = rows.by_urgency(today), shown.by_urgency(today)
    paginator = CountedPaginator(rows, shown, length)
    return CaseList(
        actor=actor,
        tabs=[t for t in tabs if not t.optional or counts[t.key] or t is tab],
        tab=None if searching else tab,
        filters=filters,
        counts=counts,
        page=paginator.get_page(asked.get("page")),
        fresh=freshness((academie_of(s) for s in actor.structures), (s.pk for s in actor.schools)),
        levels=_levels(actor),
        schools=schools,
        today=today,
    )


def _counts(visible: CaseQuerySet, tabs: list[Tab], narrowed: Q, today: date) -> dict[str, int]:
    """How many there are in each list, with and without the filters, in one query."""
    wanted: dict[str, Any] = {"shown": Count("pk", filter=narrowed) if narrowed else Count("pk")}
    for tab in tabs:
        wanted[tab.key] = Count("pk", filter=tab.condition)
        if narrowed:
            wanted[f"{tab.key} shown"] = Count("pk", filter=tab.condition & narrowed)
    wanted["urgent"] = Count("pk", filter=tabs[0].condition & urgent(today))
    aliases = {name.replace(" ", "_").replace("-", "_"): of for name, of in wanted.items()}
    found = visible.aggregate(**aliases)
    told = {name: found[name.replace(" ", "_").replace("-", "_")] for name in wanted}
    return {f"{tab.key} shown": told[tab.key] for tab in tabs} | told


def _levels(actor: Actor) -> list[str]:
    """Classes to choose from: of a school, where they mean something to the reader."""
    if not actor.schools:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_levels(%s)", [actor.user.pk])
        return [level for (level,) in cursor.fetchall()]
