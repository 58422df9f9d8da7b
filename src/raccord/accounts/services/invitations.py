"""Inviting, claiming, accepting."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import timezone

from raccord.accounts import mails, rights
from raccord.accounts.actors import Actor
from raccord.accounts.models import (
    Entrusted,
    Invitation,
    Membership,
    Scope,
    User,
    digest,
    new_token,
)
from raccord.accounts.rights import Ability
from raccord.accounts.roles import SEES_NAMES, Role, roles_in
from raccord.accounts.services.refusals import NotYours, Refused
from raccord.territory.models import Structure

#: Days an invitation may wait.
LASTS = timedelta(days=15)


@transaction.atomic
def invite(
    actor: Actor | None,
    *,
    structure: Structure,
    role: Role,
    email: str,
    title: str = "",
    scope: str = Scope.WHOLE,
    classes: Iterable[str] = (),
    pupils: Iterable[UUID] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Invitation:
    """Send an invitation; a former one for the same role and address stops working.

    `actor` None is the command line of the server. The token is in the mail and nowhere else.
    """
    email, pupils = email.strip().lower(), list(pupils)
    if actor is not None:
        if Ability.SEE_PEOPLE not in rights.abilities(actor, structure):
            raise NotYours
        if role not in rights.may_give(actor, structure):
            raise Refused("Vous ne pouvez pas donner ce rôle dans cette structure.", "role")
        _check_not_opening_files(actor, structure, role, email)
    _check(structure, role, email, scope, list(classes), pupils, starts_on, ends_on)
    made, token = prepare(
        actor,
        structure=structure,
        role=role,
        email=email,
        title=title.strip(),
        scope=scope,
        classes=list(classes),
        starts_on=starts_on,
        ends_on=ends_on,
    )
    Invitation.objects.open().filter(structure=structure, role=role, email=email).update(
        revoked_at=timezone.now()
    )
    made.save()
    if scope == Scope.PUPILS:
        Entrusted.objects.create(invitation=made, pupils=pupils)
    # In the transaction: when the mail cannot leave, no invitation is left that nobody received.
    mails.send([mails.invitation(made, token)])
    return made


def prepare(actor: Actor | None, **fields: object) -> tuple[Invitation, str]:
    """An invitation not yet stored, and its token."""
    token = new_token()
    made = Invitation(
        token_digest=digest(token),
        invited_by=actor.user if actor else None,
        expires_at=timezone.now() + LASTS,
        **fields,
    )
    return made, token


def _check_not_opening_files(actor: Actor, structure: Structure, role: Role, email: str) -> None:
    if role not in SEES_NAMES:
        return
    if email == actor.user.email:
        raise Refused("Nul ne se donne à soi-même un rôle qui montre des noms.", "email")
    answers = actor.within(structure.pk, {Role.HEAD, Role.LEAD})
    if role in {Role.HEAD, Role.LEAD} and not answers and email != structure.email.lower():
        raise Refused(
            "L’invitation de la direction part à la boîte de la structure"
            + (f" ({structure.email})." if structure.email else ", qui manque : complétez-la."),
            "email",
        )


def _check(
    structure: Structure,
    role: Role,
    email: str,
    scope: str,
    classes: list[str],
    pupils: list[UUID],
    starts_on: date | None,
    ends_on: date | None,
) -> None:
    if role not in roles_in(structure.kind):
        raise Refused(f"« {role.label} » n’existe pas dans cette structure.", "role")
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(
            f"« {email} » n’est pas une adresse. Saisissez un courriel comme nom@exemple.fr.",
            "email",
        ) from None
    if scope != Scope.WHOLE and role != Role.CORRESPONDENT:
        raise Refused(
            "Seul un correspondant peut être limité à des classes ou des élèves.", "scope"
        )
    if scope == Scope.CLASSES and not classes:
        raise Refused("Cochez au moins une classe.", "classes")
    if scope == Scope.PUPILS and not pupils:
        raise Refused("Cherchez au moins un élève, puis cochez-le.", "search")
    today = timezone.localdate()
    if ends_on and ends_on < (starts_on or today):
        raise Refused(
            "La fin précède le début. Choisissez une date de fin plus tardive.", "ends_on"
        )
    if ends_on and ends_on < today:
        raise Refused("Cette date est passée. Choisissez une date de fin à venir.", "ends_on")
    if role == Role.BASIN_REFERENT:
        if ends_on is None:
            raise Refused("Une désignation a une fin : donnez sa date.", "ends_on")
        if structure.basin_id is None:
            raise Refused("Cette structure n’est dans aucun bassin : rattachez-la d’abord.", "role")


@transaction.atomic
def resend(actor: Actor, *, invitation: Invitation) -> Invitation:
    """The same invitation with a new link; the former one stops working."""
    return invite(
        actor,
        structure=invitation.structure,
        role=Role(invitation.role),
        email=invitation.email,
        title=invitation.title,
        scope=invitation.scope,
        classes=invitation.classes,
        pupils=invitation.pupils,
        starts_on=invitation.starts_on,
        ends_on=invitation.ends_on,
    )


@transaction.atomic
def cancel(actor: Actor, *, invitation: Invitation) -> None:
    """The link stops working."""
    may = rights.abilities(actor, invitation.structure)
    if Ability.TAKE_BACK not in may:
        raise NotYours
    Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=timezone.now())


def found(token: str) -> Invitation | None:
    """The invitation of a link, while it may be accepted."""
    made: Invitation | None = (
        Invitation.objects.open()
        .select_related("structure", "invited_by")
        .filter(token_digest=digest(token))
        .first()
    )
    return made


def _taken(token: str) -> Invitation:
    """The same, locked until the end: a link serves once, even pressed twice."""
    made: Invitation | None = (
        Invitation.objects.open()
        .select_for_update(of=("self",))
        .select_related("structure", "invited_by")
        .filter(token_digest=digest(token))
        .first()
    )
    if made is None:
        raise Refused("Cette invitation a déjà servi, a été annulée ou a expiré.")
    return made


@transaction.atomic
def claim(
    token: str, *, first_name: str, last_name: str, email: str, title: str, ends_on: date | None
) -> Invitation:
    """Whoever reads the structure's mailbox names who heads it: they are invited in person, so that
    their own address is proven too; the mailbox is told."""
    asked = _taken(token)
    if not asked.is_claim:
        raise Refused("Cette invitation est personnelle.")
    email = email.strip().lower()
    if email == asked.email.lower():
        raise Refused(
            "Donnez votre adresse personnelle de travail : celle de la structure est lue par "
            "plusieurs personnes.",
            "email",
        )
    if title == "par intérim" and ends_on is None:
        raise Refused("Un intérim a une fin : donnez sa date.", "ends_on")
    role = Role(asked.role)
    _check(asked.structure, role, email, Scope.WHOLE, [], [], None, ends_on)
    made, sent = prepare(
        None, structure=asked.structure, role=role, email=email, title=title, ends_on=ends_on
    )
    made.invited_by = asked.invited_by
    made.first_name, made.last_name = first_name.strip(), last_name.strip()
    made.save()
    asked.accepted_at = timezone.now()
    asked.save(update_fields=["accepted_at"])
    mails.send(
        [mails.invitation(made, sent), mails.claimed(asked, f"{first_name} {last_name}", title)]
    )
    return made


@transaction.atomic
def accept_invitation(
    token: str,
    *,
    user: User | None = None,
    first_name: str = "",
    last_name: str = "",
    password: str | None = None,
) -> User:
    """Join with an account that is signed in, or open one at the invited address."""
    asked = _taken(token)
    if asked.is_claim:
        raise Refused("La direction doit d’abord se nommer.")
    if user is None:
        if User.objects.filter(email=asked.email).exists():
            raise Refused("Un compte existe à cette adresse : connectez-vous pour accepter.")
        if not password:
            raise Refused("Choisissez un mot de passe.", "password1")
        user = User.objects.create_user(
            asked.email, password, first_name=first_name.strip(), last_name=last_name.strip()
        )
    elif user.email != asked.email:
        raise Refused(
            f"Cette invitation est pour {asked.email}, et vous êtes connecté avec {user.email}."
        )
    _give(asked, user)
    asked.accepted_at, asked.accepted_by = timezone.now(), user
    asked.save(update_fields=["accepted_at", "accepted_by"])
    return user


@transaction.atomic
def accept_at_address(email: str, *, first_name: str, last_name: str) -> User | None:
    """Open the account of somebody whose address was proven by ProConnect, when an invitation in
    person waits for them there; from nothing, no account is ever made."""
    waiting = [
        asked
        for asked in Invitation.objects.open()
        .select_for_update(of=("self",))
        .select_related("structure", "invited_by")
        .filter(email=email)
        .order_by("pk")
        if not asked.is_claim
    ]
    if not waiting:
        return None
    user = User.objects.create_user(
        email, None, first_name=first_name.strip()[:80], last_name=last_name.strip()[:80]
    )
    for asked in waiting:
        _give(asked, user)
        asked.accepted_at, asked.accepted_by = timezone.now(), user
        asked.save(update_fields=["accepted_at", "accepted_by"])
    return user


def _give(asked: Invitation, user: User) -> Membership:
    """The membership an invitation promised; one already open for the same role is renewed."""
    today = timezone.localdate()
    values = {
        "title": asked.title,
        "scope": asked.scope,
        "classes": asked.classes,
        "ends_on": asked.ends_on,
        "granted_by": asked.invited_by,
        "confirm_before": None,
        "confirmed_on": today,
    }
    former = Membership.objects.filter(
        user=user,
        structure=asked.structure,
        role=asked.role,
        ends_on__isnull=True,
        revoked_at__isnull=True,
    )
    kept = former.select_for_update().first()
    scopes = {asked.scope, kept.scope if kept else Scope.WHOLE}
    if kept is None:
        kept = Membership(user=user, structure=asked.structure, role=asked.role)
        kept.starts_on = max(today, asked.starts_on or today)
    for name, value in values.items():
        setattr(kept, name, value)
    kept.save()
    if Scope.PUPILS in scopes:
        # Whoever accepts may not yet read what they are entrusted with.
        with connection.cursor() as cursor:
            cursor.execute("SELECT raccord_entrust(%s, %s)", [asked.pk, kept.pk])
    return kept
