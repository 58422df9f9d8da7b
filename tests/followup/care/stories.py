"""What happens to the young people of these tests."""

from typing import Any

from tests import cast

from raccord.accounts.actors import Actor
from raccord.followup.care import services
from raccord.followup.models import Case, Proposal, TimelineEvent
from raccord.territory.models import Structure


def held(school: Structure, by: Structure, **fields: Any) -> Case:
    """A case that another structure holds."""
    made = cast.case(school, **fields)
    made.holder = by
    made.save()
    return made


def interviewed(actor: Actor, case: Case, **given: Any) -> TimelineEvent:
    """Met, and told what is wished."""
    said = {"schooling": "stopped", "project": "ideas", "wishes": ["work"]} | given
    return services.interview(actor, case=case.pk, **said)


def proposed(actor: Actor, case: Case, kind: str = "cfa", **given: Any) -> Proposal:
    """A solution is put to them."""
    services.propose(actor, case=case.pk, kind=kind, **given)
    return Proposal.objects.filter(case=case).latest("pk")
