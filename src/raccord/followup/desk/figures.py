"""The home of those who see no name: what is true of their territory today, in figures."""

from dataclasses import dataclass

from django.db.models import Q

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.care import vacancies
from raccord.followup.freshness import Freshness, freshness
from raccord.matching.wording import count, number, typeset
from raccord.territory.kinds import SCHOOLS, Kind
from raccord.territory.models import Structure

#: Below that many young people, a figure would be a name.
_TOO_FEW = 5
_AGRICULTURE = frozenset({Kind.LYCEE_AGRICOLE, Kind.MFR})


@dataclass(frozen=True)
class Figures:
    """Figures of an académie, or of a département; `places` counts vacant courses, None for those
    who have no business with them."""

    territory: str
    fresh: Freshness
    agriculture: bool
    places: vacancies.Counted | None

    @property
    def headline(self) -> str:
        """« Académie de Nantes : 1 900 sorties depuis juillet, 1 500 retrouvées sans un appel. »"""
        of = "établissements agricoles" if self.agriculture else "établissements"
        leavers, found = self.fresh.tally or (0, 0)
        if leavers < _TOO_FEW:
            said = f"aucune sortie n’est encore comptée dans les {of}"
        else:
            said = (
                f"{number(leavers)} sorties des {of} depuis juillet, "
                f"{number(found)} retrouvées sans un appel"
            )
        return typeset(f"{self.territory} : {said}.")

    @property
    def vacant(self) -> str:
        """« 6 formations avec une place libre, dont 2 à confirmer. »"""
        if self.places is None or not self.places.courses:
            return "Aucune place vacante n’est connue."
        one = count(
            self.places.courses, "formation avec une place libre", "formations avec une place libre"
        )
        stale = f", dont {number(self.places.stale)} à confirmer" if self.places.stale else ""
        return typeset(f"{one}{stale}.")


def figures(actor: Actor) -> Figures | None:
    """What somebody who steers reads first (three queries); None for any other."""
    steered = [m.structure for m in actor.memberships if m.role == Role.STEERING]
    where, names = Q(pk__in=[]), set()
    for one in steered:
        if one.kind == Kind.DSDEN and one.departement:
            where |= Q(departement=one.departement_id)
            names.add(one.departement.name)
        elif one.academie:
            where |= Q(academie=one.academie_id)
            names.add(f"Académie de {one.academie.name}")
    if not names:
        return None
    agriculture = all(s.kind == Kind.DRAAF for s in steered)
    kinds = _AGRICULTURE if agriculture else SCHOOLS
    schools = list(
        Structure.objects.open().filter(where, kind__in=kinds).values_list("pk", flat=True)
    )
    return Figures(
        territory=" et ".join(sorted(names)),
        fresh=freshness((s.academie_id for s in steered), schools),
        agriculture=agriculture,
        places=vacancies.counted(actor) if vacancies.may_read(actor) else None,
    )
