"""The cast of the tests: structures, people who sign in, young people and their cases. Invented."""

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.models import Entrusted, Membership, Scope, User
from raccord.accounts.roles import Role
from raccord.followup.models import Case, ContactDetails, Departure, Party, Person, TimelineEvent
from raccord.followup.search import searchable
from raccord.followup.vocabulary import EventKind, Lane, PartyKind
from raccord.privacy.models import Agreement, Designation
from raccord.territory.kinds import Kind
from raccord.territory.models import Academie, Basin, Departement, Structure

PASSWORD = "une phrase de passe pour les tests"
_rank = count(1)


def day(in_days: int = 0) -> date:
    """Today, or so many days later; asked in each test, since a night may fall between two."""
    return timezone.localdate() + timedelta(days=in_days)


def after_midnight(in_days: int = 0) -> datetime:
    """Half past midnight of a day here: it is still the day before for a clock in UTC."""
    return datetime.combine(day(in_days), time(0, 30), timezone.get_default_timezone())


def aged(years: int) -> date:
    """The birth date of somebody of this age, whose birthday is half a year away."""
    return day(-years * 1461 // 4 - 183)


def academie(code: str = "17", name: str = "Nantes") -> Academie:
    """An académie, the same one for the same code."""
    return Academie.objects.get_or_create(code=code, defaults={"name": name})[0]


def departement(code: str = "044", of: Academie | None = None) -> Departement:
    """A département of an académie."""
    return Departement.objects.get_or_create(
        code=code, defaults={"name": f"Département {code}", "academie": of or academie()}
    )[0]


def basin(name: str = "Bassin A", of: Academie | None = None) -> Basin:
    """A school basin."""
    return Basin.objects.get_or_create(
        academie=of or academie(), code=name[-1], defaults={"name": name}
    )[0]


def structure(kind: Kind = Kind.LYCEE, **fields: Any) -> Structure:
    """A structure with a UAI of its own."""
    rank = next(_rank)
    place = fields.pop("departement", None) or departement()
    return Structure.objects.create(
        kind=kind,
        **{
            "uai": f"{rank:07d}Z",
            "name": f"{kind.label} {rank}",
            "departement": place,
            "academie": place.academie,
        }
        | fields,
    )


def user(**fields: Any) -> User:
    """Somebody who can sign in with PASSWORD."""
    rank = next(_rank)
    named = {"email": f"personne{rank}@exemple.test", "first_name": "Camille"}
    return User.objects.create_user(
        password=PASSWORD, **named | {"last_name": f"Exemple{rank}"} | fields
    )


def member(of: Structure, role: Role = Role.HEAD, who: User | None = None, **fields: Any) -> User:
    """Somebody with a role in a structure."""
    found = who or user()
    fields = {"starts_on": timezone.localdate() - timedelta(days=30)} | fields
    pupils = fields.pop("pupils", [])
    made = Membership.objects.create(user=found, structure=of, role=role, **fields)
    if made.scope == Scope.PUPILS:
        Entrusted.objects.create(membership=made, pupils=pupils)
    return found


def actor(of: Structure, role: Role = Role.HEAD, who: User | None = None, **fields: Any) -> Actor:
    """The same, as an actor."""
    return Actor.of(member(of, role, who, **fields))


def person(**fields: Any) -> Person:
    """A young person of 17."""
    rank = next(_rank)
    named = {"last_name": f"Martin{rank}", "first_name": "Lou", "birth_date": aged(17)} | fields
    named.setdefault("academie", academie())
    named.setdefault("search_name", searchable(named["last_name"], named["first_name"]))
    made = Person.objects.create(**named)
    ContactDetails.objects.create(person=made, phone="06 99 00 00 01")
    return made


def case(school: Structure, *, of: Person | None = None, **fields: Any) -> Case:
    """An open case of somebody who left this school, which holds it."""
    who = of or person(academie=school.academie)
    departure = {k: fields.pop(k) for k in ("level", "local_id", "left_on") if k in fields}
    today = timezone.localdate()
    made = Case.objects.create(
        person=who,
        **{
            "academie": school.academie,
            "departement": school.departement,
            "basin": school.basin,
            "school_year": today.year if today.month >= 7 else today.year - 1,
            "lane": Lane.OBLIGATION_16_17,
            "holder": school,
        }
        | fields,
    )
    for kind in (PartyKind.ORIGIN, PartyKind.HOLDER):
        Party.objects.create(case=made, structure=school, kind=kind)
    Departure.objects.create(
        case=made,
        person=who,
        structure=school,
        school_year=made.school_year,
        **{"level": "1re ASSP", "local_id": f"L{next(_rank)}", "left_on": today} | departure,
    )
    TimelineEvent.objects.create(case=made, kind=EventKind.OPENED, author="La comparaison")
    return made


def agreed(partner: Structure) -> None:
    """What must be dated before anything leaves for a partner: agreement and designation."""
    since = timezone.localdate() - timedelta(days=1)
    said = {"academie": partner.academie, "signed_on": since, "starts_on": since}
    Agreement.objects.create(structure=partner, reference="Convention d’essai", **said)
    Designation.objects.create(structure=partner, reference="Arrêté d’essai", **said)


def code(secret: str, steps_ago: int = 0) -> str:
    """What an application showed so many half-minutes ago; less than nought: will show."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(totp.time.time()) // 30 - steps_ago))


def signed_in(who: User) -> Client:
    """A client of the site, signed in as somebody who has a second factor."""
    Authenticator.objects.get_or_create(
        user=who, type=Authenticator.Type.TOTP, defaults={"data": {}}
    )
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
