"""Who is acting: a user and the memberships in force today, read once a request."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

from raccord.accounts.models import Membership, User
from raccord.accounts.roles import NO_INTERVIEWS, SEES_NAMES, Role
from raccord.territory.models import Structure

#: What rooms above want known of whoever acts: read with their memberships, without a query more.
_read_too: dict[str, Any] = {}


def read_too(name: str, expression: Any) -> None:
    """Register an expression on memberships; `Actor.known` gives its value."""
    _read_too[name] = expression


@dataclass(frozen=True)
class Actor:
    """A user and what they are today. Services and rights take it first."""

    user: User
    memberships: tuple[Membership, ...] = field(default_factory=tuple)
    #: Whether an application or a passkey protects the account (recovery codes alone do not).
    second_factor: bool = False
    #: Practising: the memberships are those of a practice school, and every young person invented.
    training: bool = False

    @classmethod
    def of(cls, user: User, *, training: bool = False) -> "Actor":
        """Read the memberships in force, and whether there is a second factor (one query).

        Real and practice memberships never go together, and nobody practises who has no real one.
        """
        factors = Authenticator.objects.filter(
            user=OuterRef("user"),
            type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN],
        )
        found = (
            Membership.objects.in_force(practice=None)
            .filter(user=user)
            .annotate(second_factor=Exists(factors), **_read_too)
            .select_related("structure", "structure__academie", "structure__departement")
            .order_by("structure__name", "id")
        )
        held = list(found)
        protected = any(getattr(m, "second_factor", False) for m in held)
        real = tuple(m for m in held if not m.structure.is_practice)
        practice = tuple(m for m in held if m.structure.is_practice)
        if training and real and practice:
            return cls(user, practice, protected, training=True)
        return cls(user, real, protected)

    def known(self, name: str) -> Any:
        """What a room above asked to read with the memberships; None without any."""
        return getattr(self.memberships[0], name, None) if self.memberships else None

    def has(self, *roles: Role) -> bool:
        """Whether one of the memberships has one of these roles."""
        return any(m.role in roles for m in self.memberships)

    def within(self, structure_id: int | None, roles: Iterable[Role]) -> bool:
        """Whether one of these roles is held in this very structure."""
        wanted = set(roles)
        return any(m.structure_id == structure_id and m.role in wanted for m in self.memberships)

    @cached_property
    def sees_names(self) -> bool:
        """Whether any membership shows names: a second factor is then required."""
        return self.has(*SEES_NAMES)

    @cached_property
    def sees_interviews(self) -> bool:
        """A secretariat never does."""
        return self.has(*(SEES_NAMES - NO_INTERVIEWS))

    @cached_property
    def structures(self) -> tuple[Structure, ...]:
        """Every structure where this person has a role, once."""
        return tuple({m.structure_id: m.structure for m in self.memberships}.values())

    @cached_property
    def structure_ids(self) -> frozenset[int]:
        """Their ids."""
        return frozenset(s.pk for s in self.structures)

    @cached_property
    def schools(self) -> tuple[Structure, ...]:
        """Those that have pupils: several UAI, one list."""
        return tuple(s for s in self.structures if s.is_school)
