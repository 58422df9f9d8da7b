"""A commune or an establishment, from what somebody types of its name: proposed, then recognised.

What `label_of` writes is always recognised again: it is what a list proposes.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from raccord.territory.geography import folded_name
from raccord.territory.models import Commune, Structure

#: As many as are read at a glance.
SHOWN = 8
_UAI = re.compile(r"\b\d{7}[A-Za-z]\b")
_CODE = re.compile(r"\b(\d{5}|2[AB]\d{3})\b", re.I)
_One = TypeVar("_One", Commune, Structure)
#: Below that likeness (0 to 1), a name is not what somebody meant.
_ALIKE = 0.6


class NotOne(ValidationError):
    """No commune or establishment of that name, or several. `close`: labels to choose from."""

    def __init__(self, message: str, close: Iterable[Commune | Structure] = ()) -> None:
        super().__init__(message)
        self.close = [label_of(one) for one in close]


def label_of(one: Commune | Structure) -> str:
    """« 44000 Nantes », « Lycée Jean-Moulin, Nantes (0440001A) »: read by people, and by
    `commune` and `school`."""
    if isinstance(one, Commune):
        return f"{one.postcodes[0] if one.postcodes else one.insee} {one.name}"
    town = f", {one.commune.name}" if one.commune else ""
    return f"{one.name}{town}" + (f" ({one.uai})" if one.uai else "")


# --- communes -------------------------------------------------------------------------------------


def communes_like(text: str, near: Sequence[str] = ()) -> list[Commune]:
    """At most SHOWN communes whose name has a word beginning so, or whose postcode or INSEE code
    does; those of the départements `near` first, then the name itself, then the largest."""
    code, name = _code_and_name(text, whole=False)
    if len(code) < 2 and len(name) < 2:
        return []
    found = Commune.objects.select_related("departement")
    if code:
        held = Q(codes__contains="{" + code) | Q(codes__contains="," + code)
        found = found.annotate(codes=Cast("postcodes", TextField()))
        found = found.filter(Q(insee__startswith=code) | held)
    for word in name.split()[:6]:
        begins = Q(name_normalised__startswith=word) | Q(name_normalised__contains=f" {word}")
        found = found.filter(begins)
    itself = Case(
        When(name_normalised=name, then=Value(0)),
        When(name_normalised__startswith=name, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(
        found.annotate(far=_far(departement__in=near), itself=itself).order_by(
            "far", "itself", "-population", "insee"
        )[:SHOWN]
    )


def commune(text: str, near: Sequence[str] = ()) -> Commune:
    """The commune of this name, postcode or INSEE code; of several of that name, the only one of
    the départements `near`. Raises NotOne, with the remedy."""
    code, name = _code_and_name(text, whole=True)
    found = Commune.objects.select_related("departement")
    found = found if code or name else found.none()
    if name:
        found = found.filter(name_normalised=name)
    if code:
        found = found.filter(Q(postcodes__contains=[code]) | Q(insee=code))
    kept = list(found.order_by("insee")[:30])
    kept = [one for one in kept if one.departement_id in near] or kept
    if len(kept) == 1:
        return kept[0]
    said = text.strip()
    if kept:
        raise NotOne(f"Plusieurs communes répondent à « {said} » : choisissez.", kept[:SHOWN])
    close = _close_communes(said, name, near)
    remedy = (
        "choisissez, ou écrivez son code postal."
        if close
        else "écrivez son nom entier, ou son code postal."
    )
    raise NotOne(f"« {said} » n’est pas une commune connue : {remedy}", close)


def _code_and_name(text: str, *, whole: bool) -> tuple[str, str]:
    """« 44000 Nantes » → 44000, nantes. A code may be only begun where it is not `whole`."""
    found = _CODE.search(text) if whole else re.search(r"\b\d[\dABab]?\d{0,3}\b", text)
    rest = re.sub(r"[(]?\b(\d{2,5}|2[ABab]\d{0,3})\b[)]?", " ", text)
    return (found[0].upper() if found else ""), folded_name(rest)


def _close_communes(said: str, name: str, near: Sequence[str]) -> list[Commune]:
    """Of a name that nobody has: those that begin so, else those written almost alike."""
    if len(name) < 3:
        return []
    begun = communes_like(name, near)
    if begun:
        return begun
    pool = Commune.objects.select_related("departement").filter(
        Q(departement__in=near) | Q(name_normalised__startswith=name[:3])
    )
    return _most_alike(name, pool[:4000])


# --- establishments -------------------------------------------------------------------------------


def schools_like(text: str, near: Sequence[str] = ()) -> list[Structure]:
    """At most SHOWN open establishments whose name or town has every word typed, or whose UAI
    begins so; those of the académies `near` first, by name."""
    words = [word for word in folded_name(text).split() if len(word) > 1][:6]
    if not words:
        return []
    wanted = Q()
    for word in words:
        wanted &= Q(name_normalised__contains=word) | Q(commune__name_normalised__contains=word)
    if re.fullmatch(r"\s*\d{4,7}[A-Za-z]?\s*", text):
        wanted |= Q(uai__startswith=text.strip().upper())
    found = _schools().filter(wanted).annotate(far=_far(academie__in=near))
    return list(found.order_by("far", "name", "pk")[:SHOWN])


def school(text: str, near: Sequence[str] = ()) -> Structure:
    """The open establishment of this UAI or name; of several of that name, the only one of the
    académies `near`. Raises NotOne, with the remedy."""
    said = text.strip()
    uai = _UAI.search(said)
    if uai:
        kept = list(_schools().filter(uai=uai[0].upper())[:2])
    else:
        name = folded_name(said)
        kept = list(_schools().filter(name_normalised=name).order_by("pk")[:SHOWN]) if name else []
        kept = kept or [one for one in schools_like(said, near) if one.academie_id in near]
        kept = [one for one in kept if one.academie_id in near] or kept
    if len(kept) == 1:
        return kept[0]
    if kept:
        raise NotOne(f"Plusieurs établissements répondent à « {said} » : choisissez.", kept)
    close = schools_like(said, near) or _most_alike(
        folded_name(said), _schools().filter(academie__in=near)[:4000]
    )
    remedy = "choisissez, donnez son UAI, ou laissez vide."
    if not close:
        remedy = "vérifiez son nom, donnez son UAI, ou laissez vide."
    raise NotOne(f"« {said} » n’est pas dans l’annuaire : {remedy}", close)


def _schools() -> "QuerySet[Structure]":
    found: QuerySet[Structure] = Structure.objects.open().schools().select_related("commune")
    return found


# --- both -----------------------------------------------------------------------------------------


def _far(**near: Sequence[str]) -> Case:
    return Case(When(**near, then=Value(0)), default=Value(1), output_field=IntegerField())


def _most_alike(name: str, pool: Iterable[_One]) -> list[_One]:
    """Those written almost alike, the nearest writing first."""
    matcher = SequenceMatcher(b=name, autojunk=False)
    marked: list[tuple[float, _One]] = []
    for one in pool:
        matcher.set_seq1(one.name_normalised)
        if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
            marked.append((matcher.ratio(), one))
    marked.sort(key=lambda pair: (-pair[0], pair[1].name, pair[1].pk))
    return [one for likeness, one in marked[:SHOWN] if likeness >= _ALIKE]
