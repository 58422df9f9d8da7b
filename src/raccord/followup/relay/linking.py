"""Dated links: a partner without account answers one thing, once, within eight days.

The link and its code go to the mailbox of the structure and name nobody. The page shows a first
name, an initial and an age once the code was typed, so that what only follows links reads nothing.
"""

import hashlib
import logging
import secrets
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from raccord.accounts.actors import Actor
from raccord.accounts.models import User
from raccord.followup.identifiers import new_id
from raccord.followup.models import Case, Handover, PartnerLink, Person, Question
from raccord.followup.relay.mandates import outside_mandate
from raccord.followup.relay.vocabulary import HandoverStatus
from raccord.followup.rights import Act, abilities
from raccord.followup.services.acting import Refused, locked
from raccord.matching.wording import typeset
from raccord.privacy import partners
from raccord.territory.models import Structure

logger = logging.getLogger(__name__)
DAYS = 8
_SIGNER = signing.Signer(salt="raccord.relay.links")


def offer(
    structure: Structure,
    *,
    case: Case,
    handover: Handover | None = None,
    question: Question | None = None,
    by: User | None = None,
) -> PartnerLink | None:
    """Write to a structure where nobody has an account; None when it has no mailbox either."""
    if not structure.email or case.person.training:
        return None
    token = _SIGNER.sign(secrets.token_urlsafe(24))
    made = PartnerLink(
        case=case,
        structure=structure,
        handover=handover,
        question=question,
        token_hash=digest(token),
        made_by=by,
        expires_at=timezone.now() + timedelta(days=DAYS),
    )
    made.save(force_insert=True)
    transaction.on_commit(lambda: _send(message(structure, token)))
    return made


def send_another(actor: Actor, *, case: UUID, question: UUID | None = None) -> PartnerLink:
    """One more link for the relay of this case that waits, or for this question of one's own; the
    earlier ones stay good until their day, and one answer ends them all. At most one a day.

    Raises Refused, and says why, when nothing waits, when somebody there has an account now, or
    when there is no mailbox to write to.
    """
    with transaction.atomic():
        [found] = locked(actor, [case])
        waiting = _question(actor, found, question) if question else _relay(actor, found)
        asked = waiting if isinstance(waiting, Question) else None
        relay = waiting if isinstance(waiting, Handover) else None
        to = relay.receiver if relay else found.holder
        if to.pk not in without_account(found, [to]):
            raise Refused(f"« {to.name} » a maintenant un compte : le dossier l’y attend.")
        last = waiting.links.aggregate(last=Max("made_at"))["last"]
        if last and timezone.localtime(last).date() == timezone.localdate():
            raise Refused(f"Un lien pour « {to.name} » est déjà parti aujourd’hui : patientez.")
        made = offer(to, case=found, handover=relay, question=asked, by=actor.user)
        if made is None:
            raise Refused(f"« {to.name} » n’a pas de boîte dans l’annuaire : appelez.")
    return made


def _relay(actor: Actor, case: Case) -> Handover:
    """The relay of this case that waits, for whoever may take it back."""
    ability = abilities(actor, case)[Act.TAKE_BACK]
    if not ability:
        raise Refused(ability.refusal)
    found = (
        Handover.objects.filter(case=case, status=HandoverStatus.WAITING)
        .select_related("receiver")
        .first()
    )
    if found is None:
        raise Refused("Aucun relais n’attend de réponse sur ce dossier.")
    return found


def _question(actor: Actor, case: Case, question: UUID) -> Question:
    """A question of one's own structures that waits, for whoever may ask."""
    ability = abilities(actor, case)[Act.ASK]
    if not ability:
        raise Refused(ability.refusal)
    found = Question.objects.filter(pk=question, case=case).first()
    if found is None or found.asker_id not in actor.structure_ids:
        raise Case.DoesNotExist
    if found.answered_at is not None:
        raise Refused("Cette question a déjà sa réponse : relisez-la sur la fiche.")
    return found


def without_account(case: Case, structures: Iterable[Structure]) -> set[int]:
    """Those of these structures (their keys) where nobody would be told of this case; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s FROM unnest(%s::bigint[]) s "
            "WHERE NOT EXISTS (SELECT FROM raccord_people_of(s, %s))",
            [[one.pk for one in structures], case.pk],
        )
        return {structure for (structure,) in cursor.fetchall()}


def reach(case: Case, structures: Iterable[Structure]) -> dict[int, str]:
    """How those without account would answer, in a sentence each; nothing is sent while
    practising, and nothing said."""
    asked = {one.pk: one for one in structures}
    if not asked or case.person.training:
        return {}
    return {key: typeset(_reach(asked[key])) for key in without_account(case, asked.values())}


def _reach(structure: Structure) -> str:
    if structure.email:
        return f"Sans compte, « {structure.name} » répondra par un lien daté, envoyé à sa boîte."
    return (
        f"Personne ne pourra répondre dans Raccord : « {structure.name} » n’a ni compte ni boîte "
        "dans l’annuaire. Appelez avant de passer le relais."
    )


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def signed(token: str) -> str:
    """The token when we made it, else nothing: the database is not even asked."""
    try:
        _SIGNER.unsign(token)
    except signing.BadSignature:
        return ""
    return token if token.isascii() else ""


def code_of(token: str) -> str:
    """Six figures, told in the same message."""
    proof = salted_hmac("raccord.relay.code", token, algorithm="sha256").hexdigest()
    return f"{int(proof, 16) % 10**6:06}"


def right_code(token: str, typed: str) -> bool:
    """Whether these are they, spaces apart."""
    return constant_time_compare(code_of(token), "".join(typed.split()))


def address(token: str) -> str:
    """The whole link."""
    return settings.SITE_URL + reverse("followup:partner", args=[token])


def message(structure: Structure, token: str) -> EmailMessage:
    """It says that something waits, and nothing of whom or of what."""
    code = code_of(token)
    body = [
        "Bonjour,",
        "",
        f"Un dossier attend une réponse de « {structure.name} » dans {settings.SERVICE_NAME}, le "
        "service de suivi des jeunes sortis de formation.",
        "",
        f"Répondre, sans compte, une seule fois et avant {DAYS} jours :",
        address(token),
        "",
        f"Code à saisir sur cette page : {code[:3]} {code[3:]}",
        "",
        "Ce message ne contient aucun nom. S’il ne vous est pas destiné, ne le transférez pas.",
        "",
    ]
    made = EmailMessage("Un dossier attend votre réponse", "\n".join(body), to=[structure.email])
    made.extra_headers["Auto-Submitted"] = "auto-generated"
    return made


def _send(mail: EmailMessage) -> None:
    """The relay is proposed whatever becomes of the e-mail: it is sent again with the reminder."""
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("Un lien daté n’est pas parti (%s).", type(error).__name__)


def send_again() -> int:
    """Once more with the reminder of the tenth day, where the first link is over."""
    late = (
        Handover.objects.filter(status=HandoverStatus.WAITING, reminded_at__isnull=False)
        .annotate(sent=Count("links"), until=Max("links__expires_at"))
        .filter(sent=1, until__lt=timezone.now())
        .select_related("receiver", "case", "case__person")
    )
    return sum(offer(one.receiver, case=one.case, handover=one) is not None for one in late)


# --- What a visitor does, through the functions of links.sql and nothing else ---------------------


@dataclass(frozen=True)
class Offered:
    """All that a partner learns before answering."""

    structure_id: int
    first_name: str
    initial: str
    birth_date: date | None
    lane: str
    stage: str
    departement: str | None
    sender: str
    sender_phone: str
    reason: str | None
    note: str | None
    question: str | None
    asked_at: datetime
    over: bool
    answered: bool
    objected: bool

    @property
    def called(self) -> str:
        """« Lou M. »."""
        return f"{self.first_name} {self.initial}."

    @property
    def person(self) -> Person:
        """Enough of the young person for the rules of age; never stored."""
        return Person(birth_date=self.birth_date)

    @property
    def structure(self) -> Structure:
        """Who is written to."""
        return Structure.objects.select_related("house").get(pk=self.structure_id)


def read(token: str) -> Offered | None:
    """What the link is about; None when it says nothing (any more)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM raccord_partner_link(%s)", [token])
        row = cursor.fetchone()
    return Offered(*row) if row else None


def refusal(offered: Offered) -> str:
    """Why this structure may not take the relay today: the rules of `relay.services`."""
    structure = offered.structure
    case = Case(lane=offered.lane, person=offered.person)
    if offered.objected and partners.needs_agreement(structure):
        return "Ce jeune ou sa famille s’est opposé à la transmission de son dossier."
    barred = partners.may_receive(structure, departement=offered.departement)
    return typeset(outside_mandate(structure, case) or barred or "")


def answer(token: str, said: str, words: str = "") -> bool:
    """Answer once; False when it cannot be answered (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT raccord_partner_answer(%s, %s, %s, %s)",
            [token, said, " ".join(words.split()), new_id()],
        )
        row = cursor.fetchone()
    return bool(row and row[0])
