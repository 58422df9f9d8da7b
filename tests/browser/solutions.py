"""The stage of interviews, mandates, solutions, vacant places and what became of somebody."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.followup import services as acts
from raccord.followup.care import services
from raccord.followup.models import Case, Mandate, Party, Proposal, Review, Vacancy
from raccord.territory.kinds import Kind
from raccord.territory.models import Commune


def build(stage: Any, school: Any) -> None:
    """Everything, once the people are there."""
    adviser = Actor.of(stage.users["cio"])
    cio = adviser.structures[0]
    today = timezone.localdate()
    home = Commune.objects.create(
        insee="44109",
        name="Nantes",
        name_normalised="NANTES",
        departement=school.departement,
        latitude=47.2184,
        longitude=-1.5536,
    )
    for name in ("on_the_way", "running", "lapsed", "fresh"):
        made = cast.case(school, of=cast.person(last_name="Le Goff", first_name=name.capitalize()))
        made.holder = cio
        made.save()
        made.person.details.commune = home
        made.person.details.save()
        stage.cases[name] = made
    _places(stage, home)
    held = stage.cases["on_the_way"]
    acts.record_contact(adviser, case=held.pk, channel="call", answerer="youth", result="looking")
    acts.record_contact(
        adviser, case=stage.cases["fresh"].pk, channel="call", answerer="nobody", result="no_answer"
    )
    services.interview(
        adviser,
        case=held.pk,
        schooling="waiting_contract",
        project="ideas",
        course="Cuisine",
        wishes=["apprenticeship", "discover"],
        obstacles=["contract", "transport"],
        note="Revient jeudi avec son dossier.",
    )
    services.recommend(adviser, case=held.pk, kind="cfa", course="CAP Cuisine")
    mlds = cast.structure(Kind.MLDS, name="MLDS de Nantes")
    services.mandate(adviser, case=held.pk, structure=mlds, report_by=today + timedelta(days=20))
    # the group mandates the CIO, which must report
    group = cast.structure(Kind.PSAD, name="PSAD de Nantes")
    Party.objects.create(case=held, structure=group, kind="associated")
    mine = Mandate.objects.create(
        case=held, structure=cio, given_by_structure=group, report_by=today + timedelta(days=5)
    )
    services.propose(adviser, case=held.pk, kind="cfa", course="CAP Cuisine", place="CFA du Gué")
    services.propose(adviser, case=held.pk, kind="e2c")
    live = Proposal.objects.filter(case=held).order_by("pk")[0]
    refused = Proposal.objects.filter(case=held).order_by("pk")[1]
    services.answer(adviser, proposal=refused.pk, said="refused")
    running = _running(stage, adviser)
    Case.objects.filter(pk=stage.cases["lapsed"].pk).update(
        situation="job",
        situation_proof="contract",
        situation_confirmed_on=today - timedelta(days=200),
        situation_lapses_on=today - timedelta(days=17),
    )
    given = Mandate.objects.filter(case=held, structure=mlds).get()
    of_case = {"case": held.pk}
    stage.by_route |= {
        f"followup:{name}": of_case
        for name in ("interview", "recommend", "mandate", "propose", "find_places")
    }
    stage.by_route |= {
        "followup:report": of_case | {"mandate": mine.pk},
        "followup:withdraw_mandate": of_case | {"mandate": given.pk},
        "followup:answer_proposal": of_case | {"proposal": live.pk},
        "followup:start": of_case | {"proposal": live.pk},
        "followup:end": {"case": stage.cases["running"].pk, "proposal": running.pk},
        "followup:still_true": {"case": stage.cases["lapsed"].pk},
        "followup:review": {
            "case": stage.cases["running"].pk,
            "review": Review.objects.get(case=stage.cases["running"]).pk,
        },
    }
    stage.values |= {"mandate": mine.pk, "proposal": live.pk, "review": 1}


def _running(stage: Any, adviser: Actor) -> Proposal:
    """A contract that began a month ago, and whose first appointment is due."""
    case, today = stage.cases["running"], timezone.localdate()
    services.propose(adviser, case=case.pk, kind="cfa", course="CAP Boulanger")
    one = Proposal.objects.get(case=case)
    services.start(
        adviser,
        proposal=one.pk,
        starts_on=today - timedelta(days=40),
        proof="contract",
        ends_on=today + timedelta(days=300),
        place="CFA du Gué",
    )
    Case.objects.filter(pk=case.pk).update(closed_on=today - timedelta(days=35))
    Review.objects.create(case=case, months=1, due_on=today - timedelta(days=4))
    return one


def _places(stage: Any, home: Commune) -> None:
    today = timezone.localdate()
    cfa = cast.structure(
        Kind.CFA, name="CFA du Gué", commune=home, latitude=47.25, longitude=-1.6,
        phone="0240000000",
    )  # fmt: skip
    for rank, course in enumerate(("CAP Cuisine", "CAP Boulanger", "Bac pro Métiers du froid")):
        made = Vacancy.objects.create(
            academie=cfa.academie,
            structure=cfa,
            commune=home,
            kind="cfa",
            course=course,
            level=4 if rank == 2 else 3,
            stream="hôtellerie" if rank < 2 else "énergie",
            places=rank + 1,
            confirmed_on=today - timedelta(days=20 * rank),
        )
    stage.values["vacancy"] = made.pk
