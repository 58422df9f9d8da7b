"""Who plays in the story: the accounts of the demonstration, and heads of a few other schools."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership, User
from raccord.accounts.roles import Role
from raccord.followup.models import Case
from raccord.followup.vocabulary import Lane
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

#: Those who left without a diploma and are bound, or would like, to learn again.
WITHOUT_DIPLOMA = (Lane.OBLIGATION_16_17, Lane.DROPOUT)
GRADUATES = (Lane.GRADUATE, Lane.YOUNG_GRADUATE)
_OTHER_SCHOOLS = 8


@dataclass
class Cast:
    """Actors by the first word of their address, and the young people not yet in the story."""

    actors: dict[str, Actor]
    #: Heads of other schools: they have no password, nobody signs in as them.
    heads: dict[int, Actor]
    taken: set[UUID] = field(default_factory=set)

    def __getitem__(self, key: str) -> Actor:
        return self.actors[key]

    def structure(self, key: str) -> Structure:
        """Where somebody works."""
        return self.actors[key].memberships[0].structure

    def head_of(self, case: UUID) -> Actor:
        """Who answers for a case that its school still holds."""
        return self.heads[Case.objects.values_list("holder_id", flat=True).get(pk=case)]

    def some(
        self,
        number: int,
        *,
        of: str = "",
        lanes: Iterable[str] = WITHOUT_DIPLOMA,
        ages: tuple[int, int] = (16, 25),
    ) -> list[UUID]:
        """So many young people, the same ones each time: of the school of somebody, else of the
        others."""
        school = self.structure(of).pk if of else None
        own = [self.structure(key).pk for key in ("proviseur", "cfa", "agricole", "principal")]
        others = [pk for pk in self.heads if pk not in own]
        today = timezone.localdate()
        found = (
            Case.objects.open()
            .filter(
                holder__in=[school] if school else others,
                lane__in=list(lanes),
                worked_on_at=None,
                provisional=False,
                left_on__lt=today - timedelta(days=50),
                person__birth_date__isnull=False,
                person__protected_at=None,
            )
            .exclude(pk__in=self.taken)
            .select_related("person")
            .order_by("person__search_name", "person__birth_date", "left_on")
        )
        first, last = ages
        chosen = [c.pk for c in found if first <= (c.person.age(today) or 0) <= last][:number]
        self.taken |= set(chosen)
        return chosen


def gather(academie: str, as_of: date) -> Cast:
    """The accounts, and the heads of the schools around that of the first one."""
    users = User.objects.filter(email__endswith="@demo.test", demo=True)
    actors = {user.email.partition("@")[0]: Actor.of(user) for user in users}
    school = actors["proviseur"].memberships[0].structure
    near = (
        Structure.objects.filter(
            academie=academie,
            departement=school.departement,
            kind__in=[Kind.LYCEE, Kind.LYCEE_PRO],
            held_cases__lane__in=WITHOUT_DIPLOMA,
        )
        .exclude(pk=school.pk)
        .annotate(number=Count("held_cases"))
        .order_by("-number", "pk")[:_OTHER_SCHOOLS]
    )
    heads = {actors[k].memberships[0].structure_id: actors[k] for k in _HEADS if k in actors}
    for rank, one in enumerate(near):
        heads[one.pk] = _head(one, rank, as_of)
    return Cast(actors, heads)


_HEADS = ("proviseur", "principal", "cfa", "agricole")
_OTHERS = (
    ("Mahé", "Guillet"), ("Paule", "Rialland"), ("Anaël", "Brossard"), ("Élie", "Cadiou"),
    ("Maé", "Pineau"), ("Sandy", "Cochard"), ("Yannick", "Ledoux"), ("Dany", "Thébaud"),
)  # fmt: skip


def _head(school: Structure, rank: int, as_of: date) -> Actor:
    first, last = _OTHERS[rank]
    user, _ = User.objects.get_or_create(
        email=f"proviseur{rank + 2}@exemple.test",
        defaults={"first_name": first, "last_name": last, "password": "!"},
    )
    given: dict[str, Any] = {"title": "Proviseur", "starts_on": as_of - timedelta(days=60)}
    Membership.objects.get_or_create(user=user, structure=school, role=Role.HEAD, defaults=given)
    return Actor.of(user)
