"""What must be dated before a name leaves for a partner: agreement and designation, all but one."""

from datetime import date, timedelta

from raccord.accounts.actors import Actor
from raccord.privacy import services
from raccord.privacy.models import Agreement
from raccord.privacy.partners import needs_agreement
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

_WITH_NAMES = (
    Kind.MISSION_LOCALE, Kind.EMPLOYMENT_PLATFORM, Kind.FRANCE_TRAVAIL, Kind.INFO_JEUNES, Kind.E2C,
    Kind.EPIDE, Kind.SERVICE_CIVIQUE, Kind.CFA, Kind.LYCEE_AGRICOLE,
)  # fmt: skip


def agree(admin: Actor, academie: str, as_of: date) -> str:
    """Date them; the name of the one left without, which Raccord refuses until it is done."""
    if Agreement.objects.exists():
        return ""
    found = Structure.objects.filter(academie=academie, kind__in=_WITH_NAMES)
    found = found.select_related("house").order_by("pk")
    partners = [one for one in found if needs_agreement(one)]
    left_out = _left_out(partners, admin)
    signed = as_of - timedelta(days=120)
    for rank, partner in enumerate(partners, start=1):
        if partner == left_out:
            continue
        reference = f"2026-{rank:03d}"
        services.record_agreement(
            admin, structure=partner, reference=f"Convention {reference}", signed_on=signed
        )
        services.record_designation(
            admin, structure=partner, reference=f"Arrêté {reference}", signed_on=signed
        )
    return left_out.name if left_out else ""


def _left_out(partners: list[Structure], admin: Actor) -> Structure | None:
    """A mission locale where nobody of the demonstration works."""
    from raccord.accounts.models import Membership  # noqa: PLC0415 - here only

    missions = [one for one in partners if one.kind == Kind.MISSION_LOCALE]
    played = set(
        Membership.objects.filter(structure__in=missions).values_list("structure_id", flat=True)
    )
    basins = {m.departement_id for m in missions if m.pk in played}
    near = [m for m in missions if m.pk not in played and m.departement_id in basins]
    return near[0] if near else None
