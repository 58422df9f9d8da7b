"""Users and memberships. There is one kind of user: what one may see and do is a membership."""

import hashlib
import secrets
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from raccord.accounts.roles import Role
from raccord.territory.choices import one_of
from raccord.territory.models import PRACTICE, Academie, Structure


class UserManager(BaseUserManager["User"]):
    """Accounts are told apart by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user; without a password they cannot sign in until they have chosen one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who signs in."""

    email = models.EmailField("courriel professionnel", unique=True)
    first_name = models.CharField("prénom", max_length=80, blank=True)
    last_name = models.CharField("nom", max_length=80, blank=True)
    phone = models.CharField("téléphone professionnel", max_length=20, blank=True)
    is_active = models.BooleanField("actif", default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    #: Sessions opened on another epoch are closed: every one of them ends at once.
    session_epoch = models.PositiveIntegerField(default=0)
    #: An account of the demonstration: no second factor, on the loopback only.
    demo = models.BooleanField("compte de démonstration", default=False)
    tour_seen_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []

    class Meta:
        verbose_name = "utilisateur"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(email=models.functions.Lower("email")), name="user_email_lowercase"
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django checks it at each request: a new password or a new epoch ends every session."""
        salt = "raccord.accounts.session"
        proof = f"{self.password}:{self.session_epoch}"
        return salted_hmac(salt, proof, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name or self.email


class Scope(models.TextChoices):
    """How much of the school a membership reaches."""

    WHOLE = "whole", "tout l’établissement"
    CLASSES = "classes", "certaines classes"
    PUPILS = "pupils", "certains élèves"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Reads of memberships."""

    def in_force(
        self, on: date | None = None, *, practice: bool | None = False
    ) -> "MembershipQuerySet":
        """Those that give rights on a day, real ones unless `practice` says otherwise (None: all).
        The same rule stands in followup/sql/rights.sql."""
        on = on or timezone.localdate()
        found = self
        if practice is not None:
            mine = Q(structure__source=PRACTICE)
            found = found.filter(mine if practice else ~mine)
        return found.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=on),
            Q(confirm_before__isnull=True) | Q(confirm_before__gte=on),
            revoked_at__isnull=True,
            starts_on__lte=on,
            user__is_active=True,
        )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Membership(models.Model):
    """A role in a structure, with dates. Rights come from here and nowhere else."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="memberships")
    role = models.CharField("rôle", max_length=20, choices=[(r.value, r.label) for r in Role])
    title = models.CharField("fonction", max_length=60, blank=True)
    starts_on = models.DateField("depuis le", default=timezone.localdate)
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    #: Heads' memberships are to confirm each 1 September: without it they end on this day.
    confirm_before = models.DateField("à confirmer avant le", null=True, blank=True)
    confirmed_on = models.DateField("confirmée le", null=True, blank=True)
    #: Taken back: nothing is opened any more, whatever the dates say.
    revoked_at = models.DateTimeField("retirée le", null=True, blank=True)
    scope = models.CharField("étendue", max_length=8, choices=Scope, default=Scope.WHOLE)
    classes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    granted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="granted")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "habilitation"
        constraints: ClassVar = [
            one_of("role", [r.value for r in Role]),
            one_of("scope", Scope),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="membership_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(scope=Scope.WHOLE) | Q(role=Role.CORRESPONDENT),
                name="membership_narrow_scope_is_correspondent",
            ),
            models.UniqueConstraint(
                fields=["user", "structure", "role"],
                condition=Q(ends_on__isnull=True, revoked_at__isnull=True),
                name="membership_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["structure", "role"])]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.structure}"

    @property
    def pupils(self) -> list[UUID]:
        """The cases it is limited to, for whoever may know them."""
        return entrusted_with(self)


def digest(token: str) -> str:
    """What is kept of a token: enough to recognise it, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """256 bits, to be sent once and never stored."""
    return secrets.token_urlsafe(32)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Reads of invitations."""

    def open(self) -> "InvitationQuerySet":
        """Those that somebody may still accept."""
        return self.filter(
            accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()
        )


class Invitation(models.Model):
    """An invitation to take a role in a structure, sent to a mailbox and used once."""

    structure = models.ForeignKey(Structure, models.CASCADE, related_name="invitations")
    role = models.CharField("rôle", max_length=20, choices=[(r.value, r.label) for r in Role])
    email = models.EmailField("courriel")
    title = models.CharField("fonction", max_length=60, blank=True)
    #: As whoever claimed the structure named them; only proposed to the person invited.
    first_name = models.CharField("prénom", max_length=80, blank=True)
    last_name = models.CharField("nom", max_length=80, blank=True)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.WHOLE)
    classes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    starts_on = models.DateField("à partir du", null=True, blank=True)
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="invited")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="accepted")
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            one_of("role", [r.value for r in Role]),
            one_of("scope", Scope),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.structure}"

    @property
    def pupils(self) -> list[UUID]:
        """The cases it is limited to, for whoever may know them."""
        return entrusted_with(self)

    @property
    def is_claim(self) -> bool:
        """Sent to the mailbox of the structure itself: whoever heads it names themselves."""
        mailbox = self.structure.email.lower()
        return self.role in {Role.HEAD, Role.LEAD} and self.email.lower() == mailbox


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Entrusted(models.Model):
    """The pupils a correspondent follows, or will once they accept: the ids of their cases.

    Apart from memberships, which are read before anybody is known, so that row-level security
    holds these ids: for the correspondent, and for the head who entrusted them.
    """

    membership = models.OneToOneField(
        Membership, models.CASCADE, null=True, related_name="entrusted"
    )
    invitation = models.OneToOneField(
        Invitation, models.CASCADE, null=True, related_name="entrusted"
    )
    pupils = ArrayField(models.UUIDField())

    class Meta:
        verbose_name = "élèves confiés"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(membership__isnull=True, invitation__isnull=False)
                | Q(membership__isnull=False, invitation__isnull=True),
                name="entrusted_by_one_of_both",
            ),
        ]


def entrusted_with(one: Membership | Invitation) -> list[UUID]:
    """The ids of the cases it is limited to; nothing where row-level security hides them."""
    if one.scope != Scope.PUPILS:
        return []
    held: Entrusted | None = getattr(one, "entrusted", None)
    return held.pupils if held else []


class Feedback(models.Model):
    """« Donner mon avis »: a sentence about a screen, for the territory's administrator."""

    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="feedback")
    academie = models.ForeignKey(Academie, models.SET_NULL, null=True, related_name="+")
    #: The address of the page without what was searched in it.
    screen = models.CharField("écran", max_length=120, blank=True)
    text = models.CharField("avis", max_length=1000)
    at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField("traité le", null=True)

    class Meta:
        verbose_name = "avis"
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return self.text
