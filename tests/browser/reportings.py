"""The stage of reports: somebody reported by the CIO, and two files that look alike."""

from typing import Any

from django.utils import timezone
from tests import cast

from raccord.followup.models import Merge, Party, PossibleDuplicate, Question, Report
from raccord.followup.vocabulary import PartyKind
from raccord.territory.kinds import Kind
from raccord.territory.models import Commune


def build(stage: Any, school: Any) -> None:
    """Cases of another school, which the CIO of the stage reported and may not open."""
    cio = stage.users["cio"].memberships.get().structure
    Commune.objects.create(
        insee="44143",
        name="Rezé",
        name_normalised="reze",
        postcodes=["44400"],
        departement=cast.departement(),
    )
    elsewhere = cast.structure(Kind.LYCEE, name="Lycée Olympe-de-Gouges", phone="02 40 00 00 09")
    reported = cast.case(elsewhere, of=cast.person(last_name="Le Dantec", first_name="Maëlys"))
    Party.objects.create(case=reported, structure=cio, kind=PartyKind.REPORTER)
    Report.objects.create(case=reported, structure=cio, by=stage.users["cio"], how="walk_in")
    Question.objects.create(case=reported, asker=cio, text="A-t-elle un rendez-vous ?")
    stage.by_route["followup:report_ask"] = {"case": reported.pk}
    stage.values["pair"] = _pair(school, elsewhere, "Guéguen").pk
    merged = _pair(school, elsewhere, "Quéré")
    PossibleDuplicate.objects.filter(pk=merged.pk).update(
        status="same", decided_at=timezone.now(), decided_by=stage.users["head"]
    )
    Merge.objects.create(kept_id=merged.one_id, absorbed_id=merged.other_id)
    stage.cases["merged_pair"] = merged


def _pair(school: Any, elsewhere: Any, name: str) -> PossibleDuplicate:
    persons = [
        cast.person(last_name=written, first_name="Anaïs") for written in (name, name.upper())
    ]
    for where, person in zip((school, elsewhere), persons, strict=True):
        cast.case(where, of=person)
    one, other = sorted(person.pk for person in persons)
    made: PossibleDuplicate = PossibleDuplicate.objects.create(
        one_id=one, other_id=other, probability=0.98
    )
    return made
