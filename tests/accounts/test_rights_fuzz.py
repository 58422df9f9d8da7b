"""100,000 random (user, case) pairs: the rule of the database against one told in Python.

The oracle knows nothing of sql/rights.sql: it reads the law as the documentation says it, on plain
dictionaries. The pairs are made set-based; row-level security answers under the web role.
"""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests import cast

from raccord.accounts.middleware import acting_in_database
from raccord.accounts.models import Entrusted, Membership, User
from raccord.accounts.roles import SEES_NAMES, Role
from raccord.followup.identifiers import new_id
from raccord.followup.models import Case, Departure, Opening, Party, Person
from raccord.territory.kinds import Kind

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

USERS, CASES, MEMBERSHIPS, OPENINGS = 250, 400, 600, 200
LEVELS = ["2de", "1re ASSP", "Tle CAP", ""]
LANES = ["under_16", "obligation", "dropout", "graduate"]


class World:
    """Everything at random, remembered as dictionaries."""

    def __init__(self, seed: int) -> None:
        draw = self.draw = random.Random(seed)
        self.today = timezone.localdate()
        self.lanes = [value for value, _ in Case._meta.get_field("lane").choices or []]
        academie = cast.academie()
        places = [cast.departement(code) for code in ("044", "049", "053")]
        basins = [cast.basin(f"Bassin {letter}") for letter in "ABC"]
        kinds = [Kind.LYCEE, Kind.CIO, Kind.MISSION_LOCALE, Kind.DSDEN, Kind.RECTORAT]
        self.structures = [
            cast.structure(
                kind, departement=draw.choice(places), basin=draw.choice([*basins, None])
            )
            for kind in kinds
            for _ in range(6)
        ]
        self.users = User.objects.bulk_create(
            User(email=f"u{i}@exemple.test", is_active=draw.random() > 0.05) for i in range(USERS)
        )
        persons = Person.objects.bulk_create(
            Person(academie=academie, last_name=f"N{i}", first_name="P") for i in range(CASES)
        )
        self.cases = Case.objects.bulk_create(
            self._case(person, academie, places, basins) for person in persons
        )
        self.parties = Party.objects.bulk_create(
            Party(
                case=case,
                structure=structure,
                kind=kind,
                until=self._day() if draw.random() < 0.2 and kind != "holder" else None,
            )
            for case in self.cases
            for kind, structure in (
                ("origin", draw.choice(self.structures)),
                ("holder", case.holder),
                (
                    draw.choice(["receiver", "associated", "former", "reporter"]),
                    draw.choice(self.structures),
                ),
            )
        )
        self.departures = Departure.objects.bulk_create(
            Departure(
                case=case,
                person_id=case.person_id,
                structure=draw.choice(self._parties_of(case)),
                school_year=2026,
                level=draw.choice(LEVELS),
            )
            for case in self.cases
        )
        self.memberships = Membership.objects.bulk_create(self._memberships())
        Entrusted.objects.bulk_create(
            Entrusted(membership=one, pupils=[c.pk for c in draw.sample(self.cases, 40)])
            for one in self.memberships
            if one.scope == "pupils"
        )

        now = timezone.now()
        self.openings = Opening.objects.bulk_create(
            Opening(
                case=draw.choice(self.cases),
                user=draw.choice(self.users),
                academie=academie,
                author="Camille",
                reason="Le jeune est devant moi.",
                at=(at := now - timedelta(minutes=draw.randint(0, 360))),
                until=at + timedelta(hours=3),
            )
            for _ in range(OPENINGS)
        )

    def _day(self, spread: int = 3) -> date:
        return self.today + timedelta(days=self.draw.randint(-spread, spread))

    def _parties_of(self, case: Case) -> list[Any]:
        return [p.structure for p in self.parties if p.case_id == case.pk] or self.structures

    def _case(self, person: Person, academie: Any, places: list[Any], basins: list[Any]) -> Case:
        draw = self.draw
        closed = draw.random() < 0.2
        return Case(
            id=new_id(),
            person=person,
            academie=academie,
            departement=draw.choice([*places, None]),
            basin=draw.choice([*basins, None]),
            school_year=2026,
            lane=draw.choice(self.lanes),
            status="closed" if closed else "to_check",
            outcome="found" if closed else "",
            closed_on=self.today if closed else None,
            holder=draw.choice(self.structures),
            provisional=draw.random() < 0.2,
            untouched_until=draw.choice([None, self._day()]),
            worked_on_at=draw.choice([None, timezone.now()]),
        )

    def _memberships(self) -> list[Membership]:
        draw, found, open_ones = self.draw, [], set()
        for _ in range(MEMBERSHIPS):
            role = draw.choice(list(Role))
            scope = draw.choice(["whole", "classes", "pupils"])
            scope = scope if role == Role.CORRESPONDENT else "whole"
            starts = self._day()
            one = Membership(
                user=draw.choice(self.users),
                structure=draw.choice(self.structures),
                role=role,
                scope=scope,
                starts_on=starts,
                ends_on=draw.choice([None, None, starts, starts + timedelta(days=2)]),
                confirm_before=draw.choice([None, None, None, self._day()]),
                revoked_at=timezone.now() if draw.random() < 0.1 else None,
                classes=draw.sample(LEVELS, 2) if scope == "classes" else [],
            )
            key = (one.user_id, one.structure_id, one.role)
            if one.ends_on is None and one.revoked_at is None:
                if key in open_ones:
                    continue
                open_ones.add(key)
            found.append(one)
        return found

    # --- the oracle ------------------------------------------------------------------------------

    def counts(self, one: Membership) -> bool:
        return (
            one.user.is_active
            and one.revoked_at is None
            and one.starts_on <= self.today
            and not (one.ends_on and one.ends_on < self.today)
            and not (one.confirm_before and one.confirm_before < self.today)
        )

    def shows(self, one: Membership, case: Case) -> bool:
        taking_part = (one.structure_id, case.pk) in self.present
        where = one.structure
        match one.role:
            case "head" | "secretariat" | "lead" | "agent":
                return taking_part
            case "correspondent" if one.scope == "pupils":
                return taking_part and case.pk in one.pupils
            case "correspondent" if one.scope == "classes":
                left = {d.level for d in self.departures_of[case.pk] if d.structure == where}
                return taking_part and bool(left & set(one.classes))
            case "correspondent":
                return taking_part
            case "dasen" | "ien_io":
                here = case.departement_id and case.departement_id == where.departement_id
                forgotten = case.worked_on_at is None and (
                    case.untouched_until is not None and case.untouched_until < self.today
                )
                owed = case.lane == "under_16" or forgotten
                return bool(here) and case.status != "closed" and owed
            case "basin_referent":
                here = case.basin_id and case.basin_id == where.basin_id
                return bool(here) and case.lane != "under_16" and not case.provisional
        return False

    def expected(self) -> set[tuple[int, Any]]:
        self.present = {
            (p.structure_id, p.case_id)
            for p in self.parties
            # who only reported somebody is told apart who follows them
            if p.until is None and p.kind != "reporter"
        }
        self.departures_of: dict[Any, list[Departure]] = {c.pk: [] for c in self.cases}
        for departure in self.departures:
            self.departures_of[departure.case_id].append(departure)
        counted = [one for one in self.memberships if self.counts(one)]
        seen = {
            (one.user_id, case.pk)
            for one in counted
            for case in self.cases
            if self.shows(one, case)
        }
        held, now = {m.user_id for m in counted if m.role in SEES_NAMES}, timezone.now()
        return seen | {
            (one.user_id, one.case_id)
            for one in self.openings
            if one.user_id in held and one.until > now
        }


@pytest.mark.parametrize("seed", [1, 20261121])
def test_nobody_sees_more_or_less_than_the_rule(seed: int) -> None:
    world = World(seed)
    expected = world.expected()
    assert USERS * CASES == 100_000
    assert 0.005 < len(expected) / 100_000 < 0.5  # neither empty nor everything
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.id, seen FROM accounts_user u, raccord_visible_cases(u.id) AS seen"
        )
        said = set(cursor.fetchall())
    assert said - expected == set(), "fuite"
    assert expected - said == set(), "manque"


def test_row_level_security_says_the_same_whatever_the_query_forgets() -> None:
    world = World(7)
    expected = world.expected()
    person_of = {case.pk: case.person_id for case in world.cases}
    for user in world.users:
        mine = {case for who, case in expected if who == user.pk}
        with acting_in_database(user.pk, read_only=True):
            assert set(Case.objects.values_list("pk", flat=True)) == mine
            assert set(Person.objects.values_list("pk", flat=True)) == {
                person_of[case] for case in mine
            }
