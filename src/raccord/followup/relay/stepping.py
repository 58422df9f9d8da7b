"""What to do next with a case, for this person: to answer a relay, to meet somebody, to report on a
mandate; else what the case needs of whoever carries it (`telling.next_step`)."""

from datetime import date
from typing import Any

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.models import Case
from raccord.followup.rights import Act
from raccord.followup.telling import Step, next_step, short
from raccord.followup.vocabulary import ContactState, Lane, PartyKind, Stage, Status
from raccord.matching.wording import typeset
from raccord.ui.naming import called

_ACCEPT = Step("Accepter ou renvoyer", Act.ACCEPT, "Accepter")
_MEET = Step("Faire l’entretien de situation", Act.INTERVIEW, "Noter l’entretien")


def step_of(
    actor: Actor,
    case: Case,
    today: date,
    *,
    hidden: bool = False,
    panels: dict[str, list[Any]] | None = None,
) -> Step:
    """One obvious act, or none. `panels` are those of the sheet; a list does without."""
    if hidden or case.status == Status.CLOSED:
        return next_step(case, today, hidden=hidden)
    mine = actor.structure_ids
    kinds = {p.kind for p in case.parties.all() if p.until is None and p.structure_id in mine}
    if PartyKind.RECEIVER in kinds and case.holder_id not in mine:
        return _ACCEPT
    panels = panels or {}
    for mandate in panels.get("mandates", ()):
        if mandate.status == "given" and mandate.structure_id in mine:
            said = f"Rendre compte du mandat, attendu le {short(mandate.report_by)}"
            return Step(typeset(said), Act.REPORT, "Rendre compte")
    if case.holder_id not in mine:
        if kinds:
            return _looking_on(case, kinds)
        return _overseen(case) if actor.has(Role.DASEN, Role.IEN_IO) else next_step(case, today)
    if _to_meet(actor, case, today, panels):
        return _MEET
    return next_step(case, today)


def _overseen(case: Case) -> Step:
    """By the DSDEN: what the school has done, since it is not for the office to call."""
    if case.lane == Lane.UNDER_16 and case.status == Status.TRANSMITTED:
        return Step("Signalé par l’établissement : à traiter")
    if case.worked_on_at is None:
        return Step("L’établissement n’a encore rien fait")
    return Step("Suivi par l’établissement")


def _looking_on(case: Case, kinds: set[str]) -> Step:
    """Associated, or a former holder: somebody else carries it."""
    if case.status == Status.TRANSMITTED and case.lane != Lane.UNDER_16:
        return Step("Un relais attend une réponse")
    with_us = ", avec vous" if PartyKind.ASSOCIATED in kinds else ""
    return Step(f"Suivi {called(case.holder.name, 'par')}{with_us}")


def _to_meet(actor: Actor, case: Case, today: date, panels: dict[str, list[Any]]) -> bool:
    """A service that reached somebody interviews them; until then it calls."""
    if case.stage != Stage.DIAGNOSIS or case.status not in (Status.TO_CHECK, Status.TO_CONFIRM):
        return False
    if panels.get("interviews") or (case.next_act_on and case.next_act_on > today):
        return False
    serving = any(
        m.structure_id == case.holder_id and not m.structure.is_school for m in actor.memberships
    )
    return serving and case.contact_state == ContactState.REACHED
