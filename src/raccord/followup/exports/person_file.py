"""The copy of somebody's file (right of access, RGPD art. 15): JSON and PDF of everything held.

Agents are told by their structure, never by name; a protected schooling keeps its place from a
parent; everything else is theirs. Its schema: docs/copie-du-dossier.md.
"""

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup import telling
from raccord.followup.exports.person_file_parts import PARTS, Part, in_words, label
from raccord.followup.letters.documents import typst_pdf
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.telling import capital
from raccord.matching.wording import day, typeset
from raccord.privacy.models import Act as Reads

_SHEET = Path(__file__).parent / "person_file.typ"
#: To whom the copy is given. From 18, the young person alone.
GIVEN = {"youth": "au jeune", "representative": "à un représentant légal"}
FORMAT = 1
_WITHHELD = (
    "Ce qui a été dit en entretien aux services qui suivent n’est pas lu par l’établissement : le "
    "délégué à la protection des données de l’académie en donne la copie."
)
_HIDDEN = (
    "La scolarité de ce jeune est protégée : ni lieu, ni structure, ni adresse ne figurent dans "
    "cette copie."
)


def may_make(actor: Actor | None, case: Case) -> bool:
    """Whether somebody makes the copy of a case they see: whoever heads the structure that carries
    it. Its DPO, who sees no case, asks by its reference."""
    return actor is not None and actor.within(case.holder_id, {Role.HEAD, Role.LEAD})


def make(case: UUID, given: str) -> dict[str, Any]:
    """Everything held, gathered by the database under the rights of the page that asks, which
    writes in the timeline that a copy was made. Raises Case.DoesNotExist."""
    if given not in GIVEN:
        raise ValidationError({"given": "Dites à qui cette copie est remise."})
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_person_file(%s, %s)", [case, given])
        found = cursor.fetchone()[0]
    if found is None:
        raise Case.DoesNotExist
    gathered: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    if gathered.get("refused"):
        raise ValidationError(
            {
                "given": "Ce jeune est majeur : la copie de son dossier n’est remise qu’à lui, et "
                "à personne d’autre (RGPD, article 15)."
            }
        )
    return _as_copy(gathered, case, given)


def _as_copy(gathered: dict[str, Any], case: UUID, given: str) -> dict[str, Any]:
    hides = bool(gathered["hides"])
    withheld = [_HIDDEN] if hides else []
    withheld += [_WITHHELD] if gathered["withheld"] else []
    return {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "given_to": GIVEN[given],
        "case": str(case),
        "persons": gathered["persons"],
        "cases": gathered["cases"],
        "purpose": "Repérer et accompagner les jeunes sortis de formation (code de l’éducation, "
        "L. 313-7 et L. 114-1).",
        "rights": "Vous pouvez demander une correction à la structure qui suit le dossier, vous "
        "opposer à une transmission, et saisir le délégué à la protection des données de "
        "l’académie ou la CNIL (cnil.fr).",
        "withheld": withheld,
        "sections": [_section(part, gathered["parts"][part.key]) for part in PARTS],
        "timeline": _timeline(gathered["timeline"], hides=hides),
        "readings": [_reading(one) for one in gathered["readings"]],
    }


def _section(part: Part, rows: list[dict[str, Any]]) -> dict[str, Any]:
    fields = {f.name: f for f in part.fields}
    return {
        "key": part.key,
        "title": part.title,
        "source": part.source,
        "kept": part.kept,
        "fields": {name: label(field) for name, field in fields.items()},
        "rows": [
            {name: in_words(field, row[name]) for name, field in fields.items()} for row in rows
        ],
    }


def _timeline(events: list[dict[str, Any]], *, hides: bool) -> list[dict[str, Any]]:
    undone = {one["undoes"] for one in events if one["undoes"]}
    return [_event(one, undone=one["id"] in undone, hides=hides) for one in events]


def _event(one: dict[str, Any], *, undone: bool, hides: bool) -> dict[str, Any]:
    event = TimelineEvent(
        kind=one["kind"],
        at=datetime.fromisoformat(one["at"]),
        facts=one["facts"],
        note=one["note"],
        author=one["author"],
    )
    line = telling.told(event, undone=undone, notes=True, hidden=hides)
    return {
        "at": one["at"],
        "by": one["author"],
        "title": line.title,
        "detail": line.detail,
        "note": line.note,
        "undone": undone,
    }


def _reading(one: dict[str, Any]) -> dict[str, Any]:
    act = Reads(one["act"]).label if one["act"] in Reads.values else one["act"]
    return {"at": one["at"], "functions": one["functions"], "act": act}


def as_json(copy: dict[str, Any]) -> bytes:
    """For a machine, and for whoever wants every detail."""
    return json.dumps(copy, ensure_ascii=False, indent=1).encode("utf-8")


def as_pdf(copy: dict[str, Any]) -> bytes:
    """For people: tagged, in plain words, empty parts named together at the end."""
    return typst_pdf(_SHEET, for_paper(copy))


def for_paper(copy: dict[str, Any]) -> dict[str, Any]:
    """What the sheet reads: words, never codes."""
    full = [s for s in copy["sections"] if s["rows"]]
    made = timezone.localtime(datetime.fromisoformat(copy["made_at"]))
    identity: dict[str, Any] = next((s["rows"][0] for s in full if s["key"] == "identity"), {})
    name = f"{identity.get('first_name', '')} {identity.get('last_name', '')}".strip()
    return {
        "title": "Copie du dossier",
        "name": name,
        "made": typeset(
            f"Établie le {day(made.date())} à {made:%H h %M}, remise {copy['given_to']}."
        ),
        "reference": f"Référence : {copy['case']}",
        "purpose": copy["purpose"],
        "rights": copy["rights"],
        "withheld": copy["withheld"],
        "sections": [
            {
                "title": s["title"],
                "from": typeset(f"D’où cela vient : {s['source']}. Gardé : {s['kept']}."),
                "rows": [_pairs(s["fields"], row) for row in s["rows"]],
            }
            for s in full
        ],
        "timeline": [
            {
                "when": _moment(one["at"]),
                "by": one["by"],
                "title": one["title"] + (" (annulé)" if one["undone"] else ""),
                "detail": one["detail"],
                "note": one["note"],
            }
            for one in copy["timeline"]
        ],
        "readings": _readers(copy["readings"]),
        "empty": ", ".join(s["title"].lower() for s in copy["sections"] if not s["rows"]),
    }


def _pairs(words: dict[str, str], row: dict[str, Any]) -> list[list[str]]:
    told = [[capital(words[name]), _said(value)] for name, value in row.items()]
    return [[word, value] for word, value in told if value]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if value is None or value in ("", []):
        return ""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", ",")
    return _moment(value) if isinstance(value, str) else str(value)


def _moment(value: str) -> str:
    """A date or a time as people write it; any other text as it is."""
    if len(value) < len("2026-11-22") or value[4:5] != "-" or not value[:4].isdigit():
        return value
    try:
        if len(value) == len("2026-11-22"):
            return f"{date.fromisoformat(value):%d/%m/%Y}"
        return f"{timezone.localtime(datetime.fromisoformat(value)):%d/%m/%Y, %H h %M}"
    except ValueError:
        return value


def _readers(readings: list[dict[str, Any]]) -> list[list[str]]:
    """By day, function and act: a list shown each morning is one line a day."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for one in readings:
        on = f"{timezone.localtime(datetime.fromisoformat(one['at'])):%d/%m/%Y}"
        who = " ; ".join(one["functions"]) or "une personne habilitée"
        counted[on, who, one["act"]] += 1
    return [
        [on, who, act + (f" ({times} fois)" if times > 1 else "")]
        for (on, who, act), times in counted.items()
    ]
