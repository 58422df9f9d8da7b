"""Searching and opening beyond one's own scope (« bris de glace »).

The database does both (glass.sql): it counts the searches, finds or not, opens, tells and writes in
the timeline. Nothing here could do otherwise, which is the point.
"""

import re
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.glass.models import BeyondSearch, Opening
from raccord.followup.models.cases import Case
from raccord.followup.search import searchable
from raccord.followup.services.acting import Refused

#: Who may: those who see names and answer for a structure or a place (`raccord_may_look_beyond`).
MAY = frozenset({Role.HEAD, Role.LEAD, Role.AGENT, Role.BASIN_REFERENT, Role.DASEN, Role.IEN_IO})
#: A day, for one person: the number stands in glass.sql.
A_DAY = 20
#: How long a search may still be opened.
STANDS = timedelta(hours=1)
#: Fewer letters say nothing to whoever examines the opening.
SHORTEST_REASON = 20


class TooMany(Exception):
    """The day's number of searches is reached."""

    def __init__(self) -> None:
        super().__init__(
            f"Vous avez fait {A_DAY} recherches hors de votre périmètre aujourd’hui : c’est la "
            "limite. Appelez l’établissement ou le CIO, ou recommencez demain."
        )


def may_look_beyond(actor: Actor | None) -> bool:
    """Whether somebody may search beyond their scope at all; never while practising."""
    return actor is not None and not actor.training and actor.has(*MAY)


def examines(actor: Actor | None) -> bool:
    """Whether somebody reads the openings of a territory: its data protection officer."""
    return actor is not None and actor.has(Role.DPO)


def search(actor: Actor, *, last_name: str, first_name: str, birth_date: date) -> BeyondSearch:
    """One search, counted; its answer says whether a case exists and who carries it.

    Must run under the rights of a page (`acting_in_database`). Raises TooMany beyond twenty a day.
    """
    if not may_look_beyond(actor):
        raise BeyondSearch.DoesNotExist
    words = _words(last_name, first_name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_search_beyond(%s, %s)", [words, birth_date])
        made = cursor.fetchone()[0]
    if made is None:
        raise TooMany
    return find(actor, made)


def find(actor: Actor, key: UUID) -> BeyondSearch:
    """A search of one's own that still stands; another one: DoesNotExist."""
    found: BeyondSearch = BeyondSearch.objects.select_related("holder").get(
        pk=key, user=actor.user, at__gt=timezone.now() - STANDS
    )
    return found


def within_scope(actor: Actor, found: BeyondSearch) -> bool:
    """Whether what was found is the actor's own already."""
    key = found.case_id
    return key is not None and Case.objects.visible_to(actor).filter(pk=key).exists()


def open_beyond(actor: Actor, *, search: UUID, reason: str) -> Opening:
    """Open for three hours what a search found; its holder and the DPO are told at once.

    Raises Refused when there is nothing to open any more.
    """
    reason = " ".join(reason.split())
    validate_note(reason)
    if len(reason) < SHORTEST_REASON or not re.search(r"\w \w", reason):
        raise ValidationError(
            {
                "reason": "Dites en une phrase pourquoi il vous faut ce dossier maintenant : la "
                "structure qui suit ce jeune et le délégué à la protection des données la liront."
            }
        )
    find(actor, search)
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_break_glass(%s, %s)", [search, reason])
        made = cursor.fetchone()[0]
    if made is None:
        raise Refused(
            "Ce dossier ne peut pas être ouvert : il est clos ou protégé depuis, ou il est déjà "
            "dans votre périmètre. Appelez la structure qui le suit."
        )
    return Opening.objects.get(pk=made)


def examine(actor: Actor, *, opening: UUID, note: str) -> Opening:
    """What a DPO says of an opening of their territory, once and for good: it is no longer left to
    examine. Of another territory, or not a DPO: DoesNotExist.

    Raises Refused when somebody examined it already, or when it is one's own.
    """
    note = " ".join(note.split())
    validate_note(note)
    if not note:
        raise ValidationError({"note": "Dites en un mot ce qui ressort de votre examen."})
    if not examines(actor):
        raise Opening.DoesNotExist
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_examine_opening(%s, %s)", [opening, note])
        done = cursor.fetchone()[0]
    found: Opening = Opening.objects.get(pk=opening, academie__in=territory_of(actor))
    if not done and found.examined_at:
        on = timezone.localtime(found.examined_at)
        raise Refused(f"{found.examiner} a déjà examiné cette ouverture, le {on:%d/%m/%Y}.")
    if not done:
        raise Refused("Vous avez fait cette ouverture : un autre délégué l’examine.")
    return found


def territory_of(actor: Actor) -> set[str]:
    """The académies whose openings this person examines."""
    found = {m.structure.academie_id for m in actor.memberships if m.role == Role.DPO}
    return {academie for academie in found if academie}


def _words(last_name: str, first_name: str) -> list[str]:
    """Every word of both names, folded as `search_name` is; both must say something."""
    found = []
    for name, field in ((last_name, "last_name"), (first_name, "first_name")):
        words = searchable(name).split()
        if not words:
            raise ValidationError({field: "Écrivez le nom et le prénom, en lettres."})
        found += words
    return found
