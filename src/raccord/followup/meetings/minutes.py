"""The minutes of a meeting: PDF and ODT.

A case is named there by first name and initial, with the link of its sheet: minutes travel by
e-mail and lie on tables, whereas the name is on the sheet, for whoever may open it, and logged.
"""

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import odfdo
from django.conf import settings
from django.urls import reverse

from raccord.followup.letters.documents import cleaned, typst_pdf
from raccord.followup.meetings.models import Attendance, Decision, Meeting
from raccord.followup.meetings.reading import Line
from raccord.matching.wording import count, day, typeset

_SHEET = Path(__file__).parent / "minutes.typ"
TYPES = {
    "pdf": "application/pdf",
    "odt": "application/vnd.oasis.opendocument.text",
}


def as_data(
    meeting: Meeting, lines: Iterable[Line], present: Iterable[Attendance]
) -> dict[str, Any]:
    """What both papers say."""
    lines, present = list(lines), list(present)
    decided = sum(bool(line.item.decision) for line in lines)
    at = f" à {meeting.starts_at.hour} h {meeting.starts_at:%M}" if meeting.starts_at else ""
    place = f", {meeting.place}" if meeting.place else ""
    return {
        "title": f"Compte rendu : {meeting.group.name}",
        "when": typeset(f"Réunion du {day(meeting.on)}{at}{place}."),
        "footer": f"{meeting.group.name}, {day(meeting.on)}",
        "sums": typeset(
            f"{count(len(lines), 'dossier')} à l’ordre du jour, {decided} avec une décision."
        ),
        "notice": "Chaque jeune est désigné par son prénom et une initiale ; son nom est sur sa "
        "fiche, ouverte aux seules personnes habilitées.",
        "present": [_told(one) for one in present if one.present],
        "excused": [_told(one) for one in present if not one.present],
        "decisions": _rows(lines, Decision.RECOMMENDED),
        "postponed": _rows(lines, Decision.POSTPONED),
        "going_on": _rows(lines, Decision.NOTHING),
        "undecided": _rows(lines, ""),
    }


def _told(one: Attendance) -> str:
    return f"{one.structure.name} : {one.name}" if one.name else one.structure.name


def _rows(lines: list[Line], decision: str) -> list[dict[str, str]]:
    return [
        {
            "who": line.initials,
            "link": settings.SITE_URL + reverse("followup:sheet", args=[line.case.pk]),
            "reference": str(line.case.pk),
            "why": line.why,
            "said": line.decision,
        }
        for line in lines
        if line.item.decision == decision
    ]


_PARTS = (
    ("decisions", "Préconisations et mandats"),
    ("postponed", "Revus à la prochaine réunion"),
    ("going_on", "Le suivi continue"),
    ("undecided", "Sans décision"),
)


def pdf(data: dict[str, Any]) -> bytes:
    """Tagged for screen readers."""
    parts = [{"title": title, "rows": data[key]} for key, title in _PARTS if data[key]]
    return typst_pdf(_SHEET, data | {"parts": parts})


def odt(data: dict[str, Any]) -> bytes:
    """To retouch in a word processor."""
    made = odfdo.Document("text")
    made.body.clear()
    made.language = "fr-FR"
    made.meta.title = data["title"]
    body = made.body
    body.append(odfdo.Header(1, cleaned(data["title"])))
    for line in (data["when"], data["sums"], data["notice"]):
        body.append(odfdo.Paragraph(cleaned(line)))
    for key, title in (("present", "Présents"), ("excused", "Excusés")):
        if data[key]:
            body.append(odfdo.Header(2, title))
            body.append(odfdo.List([cleaned(line) for line in data[key]]))
    for key, title in _PARTS:
        if data[key]:
            body.append(odfdo.Header(2, title))
            for row in data[key]:
                body.append(_paragraph(row))
    found = io.BytesIO()
    made.save(found)
    return found.getvalue()


def _paragraph(row: dict[str, str]) -> Any:
    made = odfdo.Paragraph()
    made.append(odfdo.Link(row["link"], text=cleaned(row["who"])))
    told = f" ({row['why'].lower()})" + (f" : {row['said']}" if row["said"] else "")
    made.append_plain_text(cleaned(told))
    return made


WRITERS: dict[str, Callable[[dict[str, Any]], bytes]] = {"pdf": pdf, "odt": odt}
