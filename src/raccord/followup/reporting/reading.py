"""What a sheet shows of reports and merges, from its panels: no query of its own."""

from collections.abc import Iterable
from uuid import UUID

from raccord.followup.models import Case, Merge


def absorbed(case: Case, merges: Iterable[Merge]) -> list[UUID]:
    """Persons whose file was merged into this one, and still is."""
    return [
        one.absorbed_id for one in merges if one.undone_at is None and one.kept_id == case.person_id
    ]
