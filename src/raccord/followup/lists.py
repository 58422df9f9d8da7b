"""The lists: which cases each person sees first, in which order, and what to do with each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import connection
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import OF_STRUCTURE, Role
from raccord.followup.desk.sections import SOON_DAYS
from raccord.followup.freshness import Freshness, freshness
from raccord.followup.models import Case
from raccord.followup.querysets import MINORS, read_rows
from raccord.followup.search import searchable
from raccord.followup.tabs import OF_ACTS, Tab, tabs_of
from raccord.followup.training import academie_of
from raccord.followup.vocabulary import Lane
from raccord.matching.wording import count, number, typeset
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

PAGE = 25
#: Days without news after which a minor is urgent.
URGENT_DAYS = 30


_GONE = "coalesce(c.left_on, c.opened_on)"
#: A minor, not reached, gone for thirty days.
_URGENT = f"""c.lane = ANY (%(minors)s) AND c.contact_state <> 'reached'
    AND {_GONE} <= %(month_ago)s"""
#: What was promised for today, minors without news for a month, minors, the others, and last what
#: is planned for another day.
_RANK = f"""CASE WHEN c.next_act_on > %(today)s THEN 4 WHEN c.next_act_on IS NOT NULL THEN 0
    WHEN {_URGENT} THEN 1 WHEN c.lane = ANY (%(minors)s) THEN 2 ELSE 3 END"""
_BY_URGENCY = "rank, gone, id"
_LATEST_FIRST = "closed_on DESC NULLS FIRST, last_activity_at DESC, id"

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


#: The day of the constat de rentrée of a case: it differs from one académie to another, and from
#: one year to the next. 20 September where the territory stated none (detection.calendars).
_CONSTAT = """coalesce((SELECT y.constat_on FROM territory_schoolyear y
    WHERE y.academie_id = c.academie_id AND y.year = c.school_year),
    make_date(c.school_year, 9, 20))"""


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

    def condition(self) -> str:
        """As SQL on a case `c`."""
        found = ["true"]
        if self.lane:
            found.append("c.lane = ANY (%(lanes)s)")
        if self.wave:
            found.append(f"{_GONE} {'<' if self.wave == 'rentree' else '>='} {_CONSTAT}")
        departed = []
        if self.level:
            departed.append("d.level = %(level)s")
        if self.school:
            departed.append("d.structure_id = %(school)s")
        if departed:
            of = " AND ".join(departed)
            found.append(f"c.id IN (SELECT d.case_id FROM followup_departure d WHERE {of})")
        return " AND ".join(found)

    @property
    def words(self) -> list[str]:
        """What is searched, each word after the space that comes before a name."""
        return [f" {word}" for word in searchable(self.search).split()]


@dataclass
class CaseList:
    """Everything the page of a list shows."""

    actor: Actor
    tabs: list[Tab]
    tab: Tab | None
    filters: Filters
    counts: dict[str, int]
    page: "Page[Case]"
    #: Of the page: minors without news for a month.
    urgent: frozenset[UUID]
    fresh: Freshness
    levels: list[str]
    schools: list[Structure]
    #: Whether each line says which school was left.
    several_schools: bool
    today: date
    #: Filters somebody kept: their key, their name, what they ask.
    saved: list[list[str]]

    @property
    def of_school(self) -> bool:
        """Whether this is a school's own list."""
        return bool(self.actor.schools) and self.tabs[0].key == "a-verifier"

    @property
    def of_acts(self) -> bool:
        """Whether it says what is to be done with each, and lets several be ticked."""
        return self.tab is not None and self.tab.key in OF_ACTS

    @property
    def title(self) -> str:
        """The words of the person who reads."""
        if self.of_school:
            return "Mes élèves sortis"
        return "Jeunes que nous suivons" if self.tabs[0].key == "a-suivre" else "Jeunes à suivre"

    @property
    def headline(self) -> str:
        """The first sentence, true today; none above what was found by a name."""
        if self.filters.search:
            return ""
        first = self.tabs[0]
        waiting, urgent = self.counts[first.key], self.counts["urgent"]
        if first.key == "moins-de-16":
            overdue = self.counts["sans-acte"]
            return typeset(
                f"{count(waiting, 'jeune')} de moins de 16 ans à suivre dans le département, "
                f"{count(overdue, 'dossier')} sans acte dans le délai."
            )
        if first.key == "a-suivre":
            said = count(waiting, "jeune à suivre", "jeunes à suivre")
            offered = self.counts["recus"]
            if offered:
                said += f", {count(offered, 'dossier vous attend', 'dossiers vous attendent')}"
            return typeset(f"{said}.")
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
    wanted = _Wanted.read(actor, asked)
    if wanted is None:
        return None
    counts, keys, urgent, saved = wanted.page(asked.get("page"))
    filters, tabs, tab = wanted.filters, wanted.tabs, wanted.tab
    length = counts["shown"] if filters.search else counts[f"{tab.key} shown"]
    number = Paginator(range(length), PAGE).get_page(asked.get("page")).number
    several = len(actor.schools) != 1 or tabs[0].key != "a-verifier"
    rows = read_rows(keys, schools=several, holders=tabs[0].key == "a-suivre")
    return CaseList(
        actor=actor,
        tabs=[t for t in tabs if not t.optional or counts.get(t.key) or t is tab],
        tab=None if filters.search else tab,
        filters=filters,
        counts=counts,
        page=Page(rows, number, Paginator(range(length), PAGE)),  # type: ignore[arg-type]
        urgent=urgent,
        fresh=freshness((academie_of(s) for s in actor.structures), (s.pk for s in actor.schools)),
        # a search goes through every list: nothing is filtered
        levels=[] if filters.search else _levels(actor),
        schools=list(actor.schools) if len(actor.schools) > 1 else [],
        several_schools=several,
        today=wanted.today,
        saved=saved,
    )


def keys_of(actor: Actor, asked: Mapping[str, str]) -> list[UUID]:
    """The whole list somebody asked for, all its pages, in the same order."""
    wanted = _Wanted.read(actor, asked)
    return wanted.everything() if wanted else []


#: A name is searched first: the lists are then not counted, and what follows reads a few cases.
_EVERYBODY = "raccord_case_array(%(user)s)"
_NAMED = "raccord_open_cases(%(user)s, ARRAY(SELECT raccord_cases_named(%(user)s, %(words)s)))"
_SEEN = """
WITH seen AS (
    SELECT c.id, {flags}{narrowed} AS narrowed, {urgent} AS urgent, {rank} AS rank,
        {gone} AS gone, c.closed_on, c.last_activity_at
    FROM followup_case c {persons}
    WHERE c.id = ANY ((SELECT {among})::uuid[])
), listed AS (SELECT * FROM seen WHERE narrowed AND {listed})
"""
#: A page too far is the last one. What is on it is all that its other tables have to open.
_PAGE = """, page AS (
    SELECT array_agg(id) AS keys, array_agg(id) FILTER (WHERE urgent) AS urgent FROM (
        SELECT id, urgent FROM listed ORDER BY {order} LIMIT %(size)s OFFSET
            least(%(skip)s, greatest((SELECT count(*) FROM listed) - 1, 0) / %(size)s * %(size)s)
    ) AS ordered
)
SELECT {counts}, (SELECT keys FROM page), (SELECT urgent FROM page),
    (SELECT jsonb_agg(jsonb_build_array(f.id, f.name, f.query) ORDER BY f.name)::text
        FROM followup_savedfilter f WHERE f.user_id = %(user)s),
    raccord_open_cases(%(user)s, (SELECT keys FROM page))
FROM seen
"""


@dataclass(frozen=True)
class _Wanted:
    """What somebody asked to see, before anything is read."""

    actor: Actor
    tabs: list[Tab]
    tab: Tab
    filters: Filters
    today: date

    @classmethod
    def read(cls, actor: Actor, asked: Mapping[str, str]) -> "_Wanted | None":
        tabs = tabs_of(actor, asked.get("liste", ""))
        if not tabs:
            return None
        tab = next((t for t in tabs if t.key == asked.get("liste")), tabs[0])
        return cls(actor, tabs, tab, Filters.read(asked), timezone.localdate())

    def page(
        self, asked: str | None
    ) -> tuple[dict[str, int], list[UUID], frozenset[UUID], list[list[str]]]:
        """How many are in each list, with and without the filters, or bear the name searched; who
        is on a page, in order, who among them is urgent, and the filters that were kept. One
        statement."""
        counts = {"shown": "narrowed"}
        if not self.filters.search:
            counts["urgent"] = "tab_0 AND urgent"
        for rank, tab in enumerate([] if self.filters.search else self.tabs):
            counts[tab.key] = f"tab_{rank}"
            if self.filters.narrow:
                counts[f"{tab.key} shown"] = f"tab_{rank} AND narrowed"
        counted = ", ".join(f"count(*) FILTER (WHERE {of})" for of in counts.values())
        sql = self._seen + _PAGE.format(order=self._order, counts=counted)
        with connection.cursor() as cursor:
            cursor.execute(sql, self._given | {"skip": _skipped(asked), "size": PAGE})
            *numbers, keys, urgent, saved, _ = cursor.fetchone()
        told = dict(zip(counts, numbers, strict=True))
        told = {f"{t.key} shown": told[t.key] for t in self.tabs if t.key in told} | told
        return told, keys or [], frozenset(urgent or []), json.loads(saved or "[]")

    def everything(self) -> list[UUID]:
        """The same list without its pages."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"{self._seen} SELECT id FROM listed ORDER BY {self._order}", self._given
            )
            return [key for (key,) in cursor.fetchall()]

    @property
    def _seen(self) -> str:
        named = self.filters.search
        tabs = [] if named else self.tabs
        flags = (f"{tab.condition} AS tab_{rank}, " for rank, tab in enumerate(tabs))
        practised = "JOIN followup_person p ON p.id = c.person_id AND p.training"
        return _SEEN.format(
            flags="".join(flags),
            among=_NAMED if named else _EVERYBODY,
            narrowed=self.filters.condition(),
            urgent=_URGENT,
            rank=_RANK,
            gone=_GONE,
            persons=practised if self.actor.training else "",
            # whatever the list, when a name is searched
            listed="true" if named else f"tab_{self.tabs.index(self.tab)}",
        )

    @property
    def _order(self) -> str:
        settled = self.tab.settled and not self.filters.search
        return _LATEST_FIRST if settled else _BY_URGENCY

    @property
    def _given(self) -> dict[str, Any]:
        held = self.actor.memberships
        basins = {m.structure.basin_id for m in held if m.role == Role.BASIN_REFERENT}
        lanes = LANES[self.filters.lane][1] if self.filters.lane else ()
        return {
            "user": self.actor.user.pk,
            "mine": [m.structure_id for m in held if m.role in OF_STRUCTURE],
            "basins": [basin for basin in basins if basin],
            "minors": [str(lane) for lane in MINORS],
            "today": self.today,
            "week_ago": self.today - timedelta(days=7),
            "month_ago": self.today - timedelta(days=URGENT_DAYS),
            "year_ago": self.today - timedelta(days=365),
            "soon": self.today + timedelta(days=SOON_DAYS),
            "groups": [m.structure_id for m in held if m.structure.kind == Kind.PSAD],
            "lanes": [str(lane) for lane in lanes],
            "level": self.filters.level,
            "school": self.filters.school,
            "words": self.filters.words,
        }


def _skipped(asked: str | None) -> int:
    """Rows before a page, as Django's paginator understands its number."""
    try:
        number = int(asked or 1)
    except ValueError:
        return 0
    return (min(number, 10**6) - 1) * PAGE if number > 0 else 10**8


def _levels(actor: Actor) -> list[str]:
    """Classes to choose from: of a school, where they mean something to the reader."""
    if not actor.schools:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_levels(%s)", [actor.user.pk])
        return [level for (level,) in cursor.fetchall()]
