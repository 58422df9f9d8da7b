"""Chapters of the relay: who passes the baton to whom, and who answers."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from raccord.config.demonstration import past
from raccord.config.demonstration.cast import GRADUATES
from raccord.followup import clocks
from raccord.followup import services as acts
from raccord.followup.models import Case, Handover
from raccord.followup.relay import asking, informing, services
from raccord.followup.relay.vocabulary import HandoverStatus
from raccord.followup.services.instructing import tell_dsden
from raccord.territory.models import Structure

if TYPE_CHECKING:
    from raccord.config.demonstration.story import Story

#: Thread of the story: how many young people, and of whose school (none: the schools around).
_THREADS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("cio", 6, {"of": "proviseur"}),
    ("cio_others", 6, {}),
    ("mission", 2, {"of": "proviseur", "ages": (18, 25)}),
    ("mission_others", 4, {"ages": (18, 25)}),
    ("mlds", 5, {"ages": (16, 17)}),
    ("platform", 5, {"of": "proviseur", "lanes": GRADUATES}),
    ("back", 2, {}),
    ("elsewhere", 2, {}),
    ("late", 1, {"of": "proviseur"}),
    ("waiting", 3, {"of": "proviseur", "lanes": GRADUATES}),
    ("waiting_others", 4, {}),
    ("latest", 2, {"of": "proviseur", "lanes": GRADUATES}),
    ("latest_others", 3, {}),
    ("objection", 1, {"of": "proviseur", "lanes": GRADUATES}),
    ("called", 5, {"of": "proviseur", "lanes": GRADUATES}),
    ("cfa", 3, {"of": "cfa"}),
    ("agricole", 2, {"of": "agricole"}),
    ("reported", 3, {"of": "cfa", "lanes": GRADUATES}),
    ("under_16", 1, {"of": "principal", "lanes": ("under_16",), "ages": (10, 15)}),
    ("silent", 6, {}),
)


def choose(story: "Story") -> None:
    """Who is in which thread, found by nights of before."""
    for name, number, wanted in _THREADS:
        story.cases[name] = story.cast.some(number, **wanted)
    silent = story.cases["silent"]
    past.age([pk for name, found in story.cases.items() if name != "silent" for pk in found], 48)
    past.age(silent, 20)


def schools_call(story: "Story") -> None:
    """A school looks for its own, before anybody."""
    head, cpe = story.cast["proviseur"], story.cast["cpe"]
    said = (
        ("call", "nobody", "no_answer", cpe), ("call", "youth", "looking", cpe),
        ("sms", "nobody", "message_left", cpe), ("call", "representative", "call_back", head),
        ("call", "youth", "wants_appointment", head),
    )  # fmt: skip
    mine = [*story.cases["cio"], *story.cases["called"], *story.cases["late"]]
    for rank, case in enumerate(mine):
        channel, who, result, actor = said[rank % len(said)]
        story.tries(
            acts.record_contact, actor, case=case, channel=channel, answerer=who, result=result
        )
    reasons = ("reorientation", "no_contract", "school_weary", "no_place", "transport")
    for rank, case in enumerate(story.cases["cio"]):
        reason = reasons[rank % len(reasons)]
        story.tries(acts.record_reason, cpe, case=case, reason=reason)
    for case in story.cases["under_16"]:
        story.tries(tell_dsden, story.cast["principal"], case=case, mayor_told=True)


def schools_tell_families(story: "Story") -> None:
    """Before anything leaves the Éducation nationale."""
    names: tuple[str, ...] = (
        "cio",
        "cio_others",
        "mission",
        "mission_others",
        "platform",
        "waiting",
        "cfa",
    )
    names += ("agricole", "elsewhere", "waiting_others", "latest", "mlds")
    ages = _ages([pk for name in names for pk in story.cases[name]])
    ways = ("call", "meeting", "letter", "message")
    for rank, (case, years) in enumerate(ages.items()):
        head = story.cast.head_of(case)
        who = "youth" if years >= 18 else "both"
        story.tries(informing.inform, head, case=case, by=ways[rank % len(ways)], who=who)
    for case in story.cases["objection"]:
        who = "youth" if _ages([case])[case] >= 18 else "representative"
        given = {"case": case, "by": "letter", "who": who, "objects_to": True}
        story.tries(informing.inform, story.cast["proviseur"], **given)


def schools_pass_the_baton(story: "Story") -> None:
    """To whom should take over."""
    for name, to, reason in (
        ("cio", "cio", "interview"),
        ("cio_others", "cio", "orientation"),
        ("mission", "missionlocale", "care"),
        ("mission_others", "missionlocale", "work"),
        ("mlds", "mlds", "return"),
        ("platform", "plateforme", "work"),
        ("back", "cio", "interview"),
        ("elsewhere", "cio", "care"),
        ("cfa", "missionlocale", "apprenticeship"),
        ("agricole", "cio", "orientation"),
    ):
        for case in story.cases[name]:
            _propose(story, case, story.cast.structure(to), reason)


def batons_are_taken(story: "Story") -> None:
    """Most are accepted."""
    for who, names in (
        ("cio", ("cio", "cio_others", "agricole")),
        ("missionlocale", ("mission", "mission_others", "cfa")),
        ("mlds", ("mlds",)),
        ("plateforme", ("platform",)),
    ):
        for case in (pk for name in names for pk in story.cases[name]):
            _accept(story, who, case)


def others_come_back(story: "Story") -> None:
    """Sent back with a reason, or to a better one."""
    reasons = ("more_needed", "already_followed")
    for case, why in zip(story.cases["back"], reasons, strict=False):
        if found := _waiting(case):
            story.tries(services.send_back, story.cast["cio"], handover=found.pk, reason=why)
    for case, to in zip(story.cases["elsewhere"], ("mlds", "missionlocale"), strict=False):
        if found := _waiting(case):
            given = {"to": story.cast.structure(to), "reason": "not_our_age"}
            story.tries(services.redirect, story.cast["cio"], handover=found.pk, **given)
            _accept(story, to, case)


def one_stays_unanswered(story: "Story") -> None:
    """Tomorrow it comes back to its school by itself."""
    for case in story.cases["late"]:
        _propose(story, case, story.cast.structure("cio"), "interview")


def the_cio_passes_on(story: "Story") -> None:
    """A second baton: from the interview to the return."""
    for case in story.cases["cio_others"][4:]:
        _propose(story, case, story.cast.structure("mlds"), "return")
        _accept(story, "mlds", case)


def the_group_is_asked(story: "Story") -> None:
    """Together, without the baton."""
    group = story.cast.structure("psad")
    shown = [*story.cases["cio"][:5], *story.cases["cio_others"][:3]]
    for case in shown:
        _associate(story, "cio", case, group, "group")
    for case in story.cases["mlds"][:2]:
        _associate(story, "mlds", case, group, "group")
        _associate(story, "mlds", case, story.cast.structure("cio"), "joint")
    for case in story.cases["mission_others"][3:4]:
        _associate(story, "missionlocale", case, story.cast.structure("e2c"), "joint")


def some_wait_for_twelve_days(story: "Story") -> None:
    """Reminded since the day before yesterday."""
    receivers = ("plateforme", "missionlocale", "francetravail")
    for case, to in zip(story.cases["waiting"], receivers, strict=False):
        _propose(story, case, story.cast.structure(to), "work")
    for rank, case in enumerate(story.cases["waiting_others"]):
        _propose(story, case, story.cast.structure("mlds" if rank % 2 else "cio"), "interview")


def questions_are_asked(story: "Story") -> None:
    """Instead of e-mails with names in them."""
    head, adviser = story.cast["proviseur"], story.cast["cio"]
    asked = (
        "L’entretien a-t-il pu avoir lieu ?",
        "Faut-il garder sa place en atelier jusqu’aux vacances ?",
    )
    for case, text in zip(story.cases["cio"], asked, strict=False):
        story.tries(asking.ask, head, case=case, text=text)
    for case in story.cases["cio"][:1]:
        found = Case.objects.get(pk=case).questions.first()
        if found:
            text = "Oui, et un projet se dessine : nous en parlons au groupe d’appui."
            story.tries(asking.reply, adviser, case=case, question=found.pk, text=text)


def the_latest(story: "Story") -> None:
    """Two days ago."""
    for rank, case in enumerate(story.cases["latest"]):
        to = story.cast.structure("plateforme" if rank % 2 else "missionlocale")
        _propose(story, case, to, "work")
    for rank, case in enumerate(story.cases["latest_others"]):
        to = story.cast.structure("mlds" if rank % 2 else "cio")
        _propose(story, case, to, "orientation")
    colleague = story.cast["conseiller"].user.pk
    for case in story.cases["mission_others"][2:4]:
        given = {"cases": [case], "user": colleague}
        story.tries(services.assign, story.cast["missionlocale"], **given)
    # Those that rarely carry a case: one of each, proposed or joint.
    for case, who in zip(story.cases["mission_others"][3:], ("epide",), strict=False):
        _propose(story, case, story.cast.structure(who), "care")
    for case, who in zip(story.cases["cio_others"][2:], ("greta", "infojeunes"), strict=False):
        _associate(story, "cio", case, story.cast.structure(who), "joint")


def schools_that_did_nothing(story: "Story") -> None:
    """Fifteen days without an act: offered to the CIO by the clocks, which remind others too."""
    clocks.run(timezone.localdate())


# --- What they share -----------------------------------------------------------------------------


def _propose(story: "Story", case: UUID, to: Structure, reason: str) -> None:
    holder = Case.objects.select_related("holder").get(pk=case).holder
    actor = story.cast.heads.get(holder.pk) or next(
        a for a in story.cast.actors.values() if holder.pk in a.structure_ids
    )
    given = {"receivers": {case: to}, "reason": reason, "youth_knows": True}
    story.tries(services.hand_over, actor, **given)


def _waiting(case: UUID) -> Handover | None:
    return Handover.objects.filter(case=case, status=HandoverStatus.WAITING).first()


def _accept(story: "Story", who: str, case: UUID) -> None:
    if found := _waiting(case):
        story.tries(services.accept, story.cast[who], handover=found.pk)


def _associate(story: "Story", who: str, case: UUID, other: Structure, why: str) -> None:
    story.tries(services.associate, story.cast[who], case=case, structure=other, reason=why)


def _ages(cases: list[UUID]) -> dict[UUID, int]:
    today = timezone.localdate() - timedelta(days=0)
    found = {c.pk: c for c in Case.objects.filter(pk__in=cases).select_related("person")}
    return {pk: found[pk].person.age(today) or 0 for pk in cases}
