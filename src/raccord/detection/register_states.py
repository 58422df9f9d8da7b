"""How old each register is, written again every night: a list is worth what was searched."""

from datetime import date
from typing import Any

from raccord.detection.models import Feed
from raccord.detection.states import States
from raccord.followup.models import RegisterState
from raccord.territory.models import Academie


def write(
    academie: Academie, as_of: date, chosen: States, summary: dict[str, Any] | None = None
) -> None:
    """One row for each feed in service, with a sentence when something is wrong with it."""
    in_force = {
        s.deposit.feed_id: s for s in [*chosen.enrolled, *chosen.diplomas, *chosen.followed]
    }
    lost = {feed.pk: why for feed, why in chosen.lost}
    rows = []
    for feed in Feed.objects.filter(academie=academie, active=True).order_by("id"):
        state = in_force.get(feed.pk)
        trouble = lost.get(feed.pk, "")
        if state is None and not trouble:
            trouble = f"La base « {feed.label} » n’a pas encore été déposée."
        elif state is not None:
            trouble = _late(feed, state.deposit.state_on, as_of)
        rows.append(
            RegisterState(
                academie=academie,
                feed_id=feed.pk,
                label=feed.label,
                structure_id=feed.structure_id,
                nature=feed.nature,
                pupils=state.deposit.rows if state else None,
                read_on=state.deposit.state_on if state else None,
                expected_every=feed.expected_every,
                trouble=trouble[:300],
            )
        )
    RegisterState.objects.filter(academie=academie).delete()
    RegisterState.objects.bulk_create(rows)


def _late(feed: Feed, read_on: date, as_of: date) -> str:
    days = (as_of - read_on).days
    # one day of grace: a nightly export is read the morning after
    if days <= feed.expected_every + 1:
        return ""
    return (
        f"La base « {feed.label} » date de {days} jours : demandez un export récent avant "
        "d’appeler, les dernières inscriptions y manquent."
    )
