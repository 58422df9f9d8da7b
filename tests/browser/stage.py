"""The stage of the browser tests: people, and cases in every state. All invented."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client
from django.utils import timezone
from tests import cast
from tests.browser import desks, reportings, rooms, solutions

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import TRAINING
from raccord.accounts.models import Feedback, Invitation, Membership, User, digest
from raccord.accounts.roles import Role
from raccord.detection.models import Deposit, DepositStatus, Feed, Phase, Run, RunState
from raccord.followup import training
from raccord.followup.letters import tokens
from raccord.followup.letters.vocabulary import AnswerKind, Audience, Medium, MessageStatus, Purpose
from raccord.followup.models import (
    Answer,
    AnswerLink,
    Candidate,
    Case,
    Comparison,
    Destination,
    LegalRepresentative,
    LetterTemplate,
    Message,
    Notification,
    RegisterState,
    Tally,
    TimelineEvent,
)
from raccord.followup.vocabulary import EventKind, Outcome, Status
from raccord.territory.kinds import Kind

TOKEN = "une-invitation-pour-les-tests"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


@dataclass
class Stage:
    """Who may sign in (their cookies), and what to put in an address for each of its parts."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    #: Addresses that want something else than the others under the same name.
    by_route: dict[str, dict[str, Any]] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)


def signed_in(who: User) -> dict[str, str]:
    """The cookies of somebody who has just proved who they are."""
    client = cast.signed_in(who)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() + 3600, "username": who.email}
    ]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return {name: morsel.value for name, morsel in client.cookies.items()}


def build() -> Stage:
    """Write everything in the database that Django is connected to."""
    stage = Stage()
    school = cast.structure(Kind.LYCEE, name="Lycée professionnel Simone-Veil", email="ce@lp.test")
    cio = cast.structure(Kind.CIO, name="CIO de la Loire")
    territory = cast.structure(Kind.RECTORAT, name="Rectorat")
    empty = cast.structure(Kind.LYCEE, name="Lycée sans sortie")
    people = {
        "head": (school, Role.HEAD),
        "alone": (empty, Role.HEAD),
        "secretariat": (school, Role.SECRETARIAT),
        "cio": (cio, Role.LEAD),
        "dasen": (territory, Role.DASEN),
        "admin": (territory, Role.TERRITORY_ADMIN),
        "technical": (territory, Role.TECHNICAL),
        "dpo": (territory, Role.DPO),
    }
    for name, (structure, role) in people.items():
        stage.users[name] = cast.member(structure, role)
        stage.cookies[name] = signed_in(stage.users[name])
    stage.cookies["nobody"] = {}
    _sign_in_by_hand(stage, school)
    _practice(stage, school)
    _registers(school)
    _cases(stage, school)
    _accounts(stage, school)
    _letters(stage, school)
    _nights(stage, school)
    rooms.build(stage, school, signed_in)
    solutions.build(stage, school)
    desks.build(stage, school, signed_in)
    reportings.build(stage, school)
    return stage


def _sign_in_by_hand(stage: Stage, school: Any) -> None:
    """People who come by the door: two have everything (a code serves once), two no factor yet."""
    for name in ("complete", "unscripted", "new", "keyed"):
        who = cast.user(email=f"{name}@exemple.test")
        who.password = make_password(cast.PASSWORD, hasher=Argon2PasswordHasher())
        who.save()
        stage.users[name] = cast.member(school, Role.CORRESPONDENT, who)
    for name in ("complete", "unscripted"):
        TOTP.activate(stage.users[name], TOTP_SECRET)
    client = Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(stage.users["new"], backend=backend)
    stage.cookies["new"] = {name: morsel.value for name, morsel in client.cookies.items()}


def _practice(stage: Stage, school: Any) -> None:
    """Somebody who practises, on invented young people of their own."""
    who = stage.users["practising"] = cast.member(school)
    training.open_practice(Actor.of(who))
    client = cast.signed_in(who)
    session = client.session
    session[TRAINING] = True
    session.save()
    stage.cookies["practising"] = {name: morsel.value for name, morsel in client.cookies.items()}


def _registers(school: Any) -> None:
    today = timezone.localdate()
    RegisterState.objects.create(
        academie=school.academie, label="SIECLE", pupils=40_000, read_on=today
    )
    RegisterState.objects.create(
        academie=school.academie,
        label="SIFA (CFA)",
        pupils=9_000,
        read_on=today - timedelta(days=30),
        trouble="Le fichier du 2 novembre a été refusé : il ne contient que 12 apprentis.",
    )
    Comparison.objects.create(academie=school.academie, finished_at=timezone.now())
    Tally.objects.create(
        structure=school, school_year=today.year, leavers=200, found=188, as_of=today
    )


def _cases(stage: Stage, school: Any) -> None:
    today = timezone.localdate()
    names = ("Martin", "Nguyên", "Le Goff-Kervadec", "Da Silva", "Öztürk", "Petit")
    for rank in range(30):
        person = cast.person(last_name=names[rank % len(names)], first_name=f"Lou-Anne {rank}")
        made = cast.case(school, of=person, left_on=today - timedelta(days=3 * rank))
        LegalRepresentative.objects.create(person=person, name="M. Martin", phone="0699000002")
        stage.cases[f"open{rank}"] = made
    stage.cases["to_confirm"] = to_confirm = cast.case(school, status=Status.TO_CONFIRM)
    departure = to_confirm.departures.get()
    for rank, said in enumerate(("", "", "other"), start=1):
        candidate = Candidate.objects.create(
            departure=departure,
            case=to_confirm,
            rank=rank,
            source="SIFA",
            uai="0440001A",
            local_id=f"A{rank}",
            last_name="Martin",
            first_name="Loup",
            birth_date=to_confirm.person.birth_date,
            probability=0.7,
            agree=["last_name", "birth_date"],
            close=["first_name"],
            said=said,
        )
        stage.values.setdefault("candidate", candidate.pk)
    paused = {"status": Status.PAUSED, "next_act_on": today + timedelta(days=20)}
    stage.cases["paused"] = cast.case(school, **paused)
    stage.cases["transmitted"] = cast.case(school, status=Status.TRANSMITTED)
    stage.cases["young"] = cast.case(school, lane="under_16")
    closed = {"status": Status.CLOSED, "outcome": Outcome.SCHOOLED, "closed_on": today}
    stage.cases["closed"] = cast.case(school, **closed)
    Destination.objects.create(
        case=stage.cases["closed"], place="Lycée agricole de Loire", seen_on=today
    )
    event = TimelineEvent.objects.create(
        case=stage.cases["open0"],
        kind=EventKind.REASON,
        author="Camille Exemple",
        user=stage.users["head"],
        structure=school,
        facts={"reason": "moved"},
    )
    line = Notification.objects.create(
        user=stage.users["head"], kind="answer", case=stage.cases["open0"], structure=school
    )
    stage.values |= {
        "case": stage.cases["open0"].pk,
        "event": event.pk,
        "notification": line.pk,
    }


def _accounts(stage: Stage, school: Any) -> None:
    invitation = Invitation.objects.create(
        structure=school,
        role=Role.CORRESPONDENT,
        email="nouvelle@exemple.test",
        token_digest=digest(TOKEN),
        expires_at=timezone.now() + timedelta(days=7),
    )
    opinion = Feedback.objects.create(
        user=stage.users["head"], academie=school.academie, screen="/", text="Très clair."
    )
    RecoveryCodes.activate(stage.users["head"])
    partner = {"structure": cast.structure(Kind.MISSION_LOCALE).pk}
    stage.by_route |= {"privacy:partner": partner, "privacy:end": partner}
    stage.values |= {
        "token": TOKEN,
        "invitation": invitation.pk,
        "opinion": opinion.pk,
        "structure": school.pk,
        "user": stage.users["secretariat"].pk,
        "membership": Membership.objects.get(user=stage.users["secretariat"]).pk,
        "session": 1,
        "uidb36": "1",
        "key": "perime-0",
        "pk": Authenticator.objects.filter(user=stage.users["head"]).earliest("pk").pk,
    }


def _letters(stage: Stage, school: Any) -> None:
    today, case = timezone.localdate(), stage.cases["open3"]
    text = LetterTemplate.objects.create(
        structure=school,
        purpose=Purpose.FIRST_CONTACT,
        medium=Medium.LETTER,
        audience=Audience.FAMILY,
        body="Bonjour, nous voudrions savoir où en est votre enfant.",
    )
    event = TimelineEvent.objects.create(case=case, kind=EventKind.LETTER, author="Camille Exemple")
    message = Message.objects.create(
        case=case,
        event=event,
        template=text,
        structure=school,
        purpose=Purpose.FIRST_CONTACT,
        medium=Medium.LETTER,
        audience=Audience.FAMILY,
        status=MessageStatus.PRINTED,
    )
    token, used = tokens.draw(), tokens.draw()
    AnswerLink.objects.create(
        case=case, message=message, digest=tokens.digest(token), expires_on=today + timedelta(30)
    )
    answer = _answer(stage.cases["open2"], school, text, used)
    stage.by_route |= {
        "followup:answer": {"token": tokens.shown(token)},
        "followup:reopen": {"case": stage.cases["closed"].pk},
        "followup:take_back": {"case": stage.cases["transmitted"].pk},
        "followup:tell_dsden": {"case": stage.cases["young"].pk},
    }
    stage.values |= {"text": text.pk, "kind": "ods", "answer": answer.pk}


def _answer(case: Any, school: Any, text: LetterTemplate, token: str) -> Answer:
    """« Je suis inscrit à… », that the school has not confirmed yet."""
    sent, said = (
        TimelineEvent.objects.create(case=case, kind=kind, author="Camille Exemple")
        for kind in (EventKind.LETTER, EventKind.ANSWER)
    )
    message = Message.objects.create(
        case=case,
        event=sent,
        template=text,
        structure=school,
        purpose=Purpose.FIRST_CONTACT,
        medium=Medium.LETTER,
        audience=Audience.FAMILY,
        status=MessageStatus.PRINTED,
    )
    link = AnswerLink.objects.create(
        case=case,
        message=message,
        digest=tokens.digest(token),
        expires_on=timezone.localdate() + timedelta(30),
    )
    return Answer.objects.create(
        link=link, case=case, event=said, kind=AnswerKind.ENROLLED, place="CFA du Gué"
    )


def _nights(stage: Stage, school: Any) -> None:
    today = timezone.localdate()
    feed = Feed.objects.create(academie=school.academie, label="SIFA (CFA)", format="sifa")
    deposit = Deposit.objects.create(
        feed=feed,
        academie=school.academie,
        author="Camille Exemple",
        how="upload",
        document="sifa.csv",
        status=DepositStatus.QUARANTINED,
        rows=9_000,
        state_on=today,
    )
    run = Run.objects.create(
        academie=school.academie,
        school_year=today.year,
        as_of=today,
        finished_at=timezone.now(),
        state=RunState.DONE,
        phase=Phase.DONE,
    )
    stage.by_route |= {
        "detection:feed": {"pk": feed.pk},
        "detection:deposit": {"pk": deposit.pk},
        "detection:run": {"pk": run.pk},
    }
