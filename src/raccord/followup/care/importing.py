"""A file of vacant places (docs/formats.md): everything is read before anything is written, and the
same file twice changes nothing."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.care.models import Vacancy
from raccord.followup.care.vacancies import entered_by, kind_at
from raccord.followup.care.vocabulary import SolutionKind
from raccord.followup.forbidden_matters import found as forbidden
from raccord.territory.geography import folded_name
from raccord.territory.models import Structure

COLUMNS = "reference uai formation type niveau domaine places entree_le confirmee_le".split()
_REQUIRED = ("reference", "formation")
_MOST_ROWS, _MOST_BYTES, _MOST_TOLD = 5_000, 2_000_000, 20
_LEVELS = {"": 0, "0": 0, "3": 3, "4": 4, "5": 5, "cap": 3, "bac": 4, "bts": 5}


@dataclass(frozen=True)
class Problem:
    """Where, what stands there, and what to write instead."""

    line: int
    field: str
    value: str
    remedy: str

    def __str__(self) -> str:
        return f"Ligne {self.line}, {self.field} « {self.value} » : {self.remedy}"


class Unreadable(Exception):
    """Nothing was imported; why, line by line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Aucune place n’a été importée.")
        self.problems = problems


@dataclass(frozen=True)
class Imported:
    """What changed."""

    added: int
    changed: int
    unchanged: int
    #: Offered until now, of an establishment that the file names, and no longer in it.
    withdrawn: int


def import_places(actor: Actor, *, raw: bytes, importer: Structure) -> Imported:
    """Add the new places of a file, bring the others up to date by reference, and withdraw those
    of the same importer and of the same establishments that left it; an establishment that the
    file does not name keeps its places. Raises Unreadable: everything or nothing."""
    rows = _read(raw)
    mine = Structure.objects.open().filter(entered_by(actor)).select_related("commune")
    codes = {row.get("uai", "").upper() for _, row in rows} - {""}
    by_uai = {s.uai: s for s in mine.filter(uai__in=codes)}
    own = mine.filter(pk=importer.pk).first()
    source = f"import:{importer.uai or importer.pk}"
    problems: list[Problem] = []
    read = [_place(line, row, by_uai, own, problems) for line, row in rows]
    problems += _twice(rows)
    if problems:
        raise Unreadable(_told(problems))
    return _write(actor, source, [one for one in read if one])


def _read(raw: bytes) -> list[tuple[int, dict[str, str]]]:
    if len(raw) > _MOST_BYTES:
        raise Unreadable(["Ce fichier pèse plus de 2 Mo : coupez-le en plusieurs."])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    header = text.splitlines()[0] if text.strip() else ""
    delimiter = ";" if header.count(";") >= header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise Unreadable(
            [f"Ligne {reader.line_num} : illisible. Enregistrez le fichier en CSV."]
        ) from error
    if not lines:
        raise Unreadable(["Ce fichier est vide."])
    names = [name.strip().lower() for name in lines[0][1]]
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise Unreadable(
            [
                f"La première ligne doit nommer les colonnes : il manque « {name} »."
                for name in missing
            ]
        )
    if len(lines) > _MOST_ROWS + 1:
        raise Unreadable([f"Plus de {_MOST_ROWS} lignes : coupez le fichier en plusieurs."])
    return [
        (line, {n: cell.strip() for n, cell in zip(names, row, strict=False) if n in COLUMNS})
        for line, row in lines[1:]
    ]


def _place(
    line: int,
    row: dict[str, str],
    by_uai: dict[str | None, Structure],
    own: Structure | None,
    problems: list[Problem],
) -> dict[str, Any] | None:
    """One row as fields of a Vacancy; what is wrong with it goes to `problems`."""
    before = len(problems)

    def wrong(field: str, remedy: str) -> None:
        problems.append(Problem(line, field, row.get(field, ""), remedy))

    for name, longest in (("reference", 80), ("formation", 120), ("domaine", 60)):
        if name in _REQUIRED and not row.get(name):
            wrong(name, "remplissez cette case.")
        elif len(row.get(name, "")) > longest:
            wrong(name, f"{longest} caractères au plus.")
    if told := forbidden(row.get("formation", "")):
        wrong("formation", told[0].sentence)
    uai = row.get("uai", "").upper()
    structure = by_uai.get(uai) if uai else own
    if structure is None and uai:
        wrong("uai", "aucune structure dont vous saisissez les places n’a cet UAI.")
    elif structure is None:
        wrong("uai", "remplissez cette case : de quel établissement est cette place ?")
    kind = _kind(row.get("type", ""), structure)
    if kind is None:
        values = ", ".join(SolutionKind.values)
        wrong("type", f"écrivez l’un de ces codes : {values}.")
    level = _LEVELS.get(row.get("niveau", "").lower())
    if level is None:
        wrong("niveau", "écrivez 3 (CAP), 4 (bac), 5 (BTS) ou rien.")
    places = row.get("places", "") or "1"
    if not (places.isascii() and places.isdigit() and int(places) <= 500):
        wrong("places", "écrivez un nombre entre 0 et 500 ; 0 retire la place.")
    starts_on = _day(row.get("entree_le", ""))
    if starts_on is _BAD:
        wrong("entree_le", "écrivez la date ainsi : 2027-01-04 ou 04/01/2027.")
    confirmed_on = _day(row.get("confirmee_le", "")) or timezone.localdate()
    if confirmed_on is _BAD:
        wrong("confirmee_le", "écrivez la date ainsi : 2026-11-22 ou 22/11/2026.")
    elif confirmed_on > timezone.localdate():
        wrong("confirmee_le", "cette date est à venir : donnez le jour de la vérification.")
    if len(problems) > before or structure is None:
        return None
    return {
        "reference": row["reference"],
        "academie_id": structure.academie_id,
        "structure_id": structure.pk,
        "commune_id": structure.commune_id,
        "kind": kind,
        "course": row["formation"],
        "level": level,
        "stream": row.get("domaine", ""),
        "places": int(places),
        "starts_on": starts_on,
        "confirmed_on": confirmed_on,
        "withdrawn_on": None if int(places) else timezone.localdate(),
    }


def _kind(said: str, structure: Structure | None) -> SolutionKind | None:
    if not said:
        return kind_at(structure) if structure else SolutionKind.RETURN
    by_word = {folded_name(kind.label): kind for kind in SolutionKind}
    by_word |= {folded_name(kind.value): kind for kind in SolutionKind}
    return by_word.get(folded_name(said))


#: A date that cannot be read.
_BAD: Any = date.min


def _day(said: str) -> Any:
    if not said:
        return None
    try:
        if "/" in said:
            day, month, year = (int(part) for part in said.split("/"))
            return date(year, month, day)
        return date.fromisoformat(said)
    except ValueError:
        return _BAD


def _twice(rows: list[tuple[int, dict[str, str]]]) -> list[Problem]:
    seen: dict[str, int] = {}
    found = []
    for line, row in rows:
        key = row.get("reference", "")
        if key and key in seen:
            remedy = f"cette référence est déjà ligne {seen[key]} : une par place."
            found.append(Problem(line, "reference", key, remedy))
        seen.setdefault(key, line)
    return found


def _told(problems: list[Problem]) -> list[str]:
    told = [str(one) for one in sorted(problems, key=lambda p: (p.line, p.field))[:_MOST_TOLD]]
    left = len(problems) - len(told)
    return [*told, f"… et {left} autres."] if left > 0 else told


def _write(actor: Actor, source: str, read: list[dict[str, Any]]) -> Imported:
    fields = [name for name in read[0] if name != "reference"] if read else []
    with transaction.atomic():
        held = {
            one.reference: one for one in Vacancy.objects.filter(source=source).select_for_update()
        }
        added, changed, unchanged = [], [], 0
        for row in read:
            one = held.get(row["reference"])
            if one is None:
                added.append(Vacancy(source=source, entered_by=actor.user, **row))
                continue
            if one.withdrawn_on and row["withdrawn_on"]:
                row["withdrawn_on"] = one.withdrawn_on
            if all(getattr(one, name) == row[name] for name in fields):
                unchanged += 1
                continue
            for name in fields:
                setattr(one, name, row[name])
            changed.append(one)
        gone = _gone(held.values(), read)
        for one in gone:
            one.withdrawn_on = timezone.localdate()
        Vacancy.objects.bulk_update(gone, ["withdrawn_on"])
        Vacancy.objects.bulk_create(added)
        if changed:
            Vacancy.objects.bulk_update(changed, [n.removesuffix("_id") for n in fields])
    return Imported(len(added), len(changed), unchanged, len(gone))


def _gone(held: Iterable[Vacancy], read: list[dict[str, Any]]) -> list[Vacancy]:
    """Those still offered that a file of their establishment says no more."""
    said = {row["reference"] for row in read}
    named = {row["structure_id"] for row in read}
    return [
        one
        for one in held
        if one.withdrawn_on is None and one.structure_id in named and one.reference not in said
    ]
