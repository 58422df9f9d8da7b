"""Which registers a comparison rests on, how old they are, and what that warns of."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from raccord.registers.enrolment import Nature
from raccord.registers.problems import RefusedFile
from raccord.registers.snapshots import Manifest, Snapshot, age_in_days

#: Days after which a register of *after* is late. CFA declare one to ten weeks late by nature.
_LATE_AFTER = 21
#: Late schools told by name in the message; `late_schools` has them all.
_SCHOOLS_NAMED = 4


def coverage(
    sides: dict[str, Sequence[Snapshot]],
    refused: dict[str, Sequence[RefusedFile]],
    quarantined: Sequence[tuple[str, Snapshot, str]],
    as_of: date,
) -> list[dict[str, Any]]:
    """One entry a side and kind of register (source, format), as `summary.json` keeps it.

    Keys: side, source, label, nature, files, schools, rows, unusable_rows, exported_on (the
    oldest), age_days, school_year, late_files, late_schools (UAI), status (ok, late, quarantined,
    refused, absent), message.
    """
    entries: list[dict[str, Any]] = []
    for side, snapshots in sides.items():
        groups: defaultdict[tuple[str, str], list[Manifest]] = defaultdict(list)
        for snapshot in snapshots:
            groups[snapshot.manifest.source, snapshot.manifest.label].append(snapshot.manifest)
        for (source, label), manifests in sorted(groups.items()):
            entries.append(_entry(side, source, label, manifests, as_of))
        for refusal in refused.get(side, ()):
            # "archive.zip (dossier › Eleves.xml)": the file that somebody sent is enough.
            name = refusal.path.name.partition(" (")[0]
            entries.append(_unread(side, name, "refused", refusal.reason))
    for side, snapshot, sentence in quarantined:
        entries.append(
            _unread(side, snapshot.manifest.document, "quarantined", sentence)
            | {"source": snapshot.manifest.source, "label": snapshot.manifest.label}
        )
    if not any(e["side"] == "after" and e["nature"] == Nature.INSCRIPTION for e in entries):
        entries.append(_unread("after", "inscriptions", "absent", "Aucune base d'inscription lue."))
    return entries


def _entry(
    side: str, source: str, label: str, manifests: list[Manifest], as_of: date
) -> dict[str, Any]:
    dates = [m.exported_on for m in manifests if m.exported_on]
    oldest = min(dates, default=None)
    age = (as_of - date.fromisoformat(oldest)).days if oldest else None
    limit = (as_of - timedelta(days=_LATE_AFTER)).isoformat()
    late = [m for m in manifests if side == "after" and m.exported_on and m.exported_on < limit]
    years = {m.school_year for m in manifests if m.school_year}
    message = ""
    late_schools = sorted({uai for m in late for uai in m.uais})
    if late:
        message = _late_message(late, late_schools, len(manifests), as_of)
    return {
        "side": side,
        "source": source,
        "label": label,
        "nature": str(manifests[0].nature),
        "files": len(manifests),
        "schools": len({uai for m in manifests for uai in m.uais}),
        "rows": sum(m.rows - m.unusable for m in manifests),
        "unusable_rows": sum(m.unusable for m in manifests),
        "exported_on": oldest,
        "age_days": age,
        "school_year": max(years) if years else None,
        "late_files": len(late),
        "late_schools": late_schools,
        "status": "late" if late else "ok",
        "message": message,
    }


def _late_message(late: Sequence[Manifest], schools: Sequence[str], files: int, as_of: date) -> str:
    weeks = max(age_in_days(m, as_of) or 0 for m in late) // 7
    named = ", ".join(schools[:_SCHOOLS_NAMED])
    who = f" ({named}{'…' if len(schools) > _SCHOOLS_NAMED else ''})" if named else ""
    return (
        f"{len(late)} fichier{'s' if len(late) > 1 else ''} sur {files} "
        f"{'datent' if len(late) > 1 else 'date'} d'environ {weeks} semaines{who} : demandez un "
        "export récent avant d'appeler, les dernières inscriptions y manquent."
    )


def _unread(side: str, name: str, status: str, message: str) -> dict[str, Any]:
    return {
        "side": side,
        "source": name,
        "label": name,
        "nature": str(Nature.INSCRIPTION),
        "files": 1,
        "schools": 0,
        "rows": 0,
        "unusable_rows": 0,
        "exported_on": None,
        "age_days": None,
        "school_year": None,
        "late_files": 0,
        "late_schools": [],
        "status": status,
        "message": message,
    }


def is_weakened(entries: Sequence[dict[str, Any]]) -> bool:
    """Whether a register of *after* is missing: every « missing » is then provisional."""
    return any(
        e["side"] == "after" and e["status"] in ("refused", "quarantined", "absent")
        for e in entries
    )
