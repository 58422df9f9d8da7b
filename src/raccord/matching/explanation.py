"""`raccord explain`: why one enrolment of *before* has its verdict, in plain French."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from raccord.matching import wording
from raccord.matching.sources import source_name
from raccord.matching.wording import typeset

#: Finds the nearest candidates of one row of `verdicts.parquet`, the nearest first: mappings with
#: `source`, `uai`, `probability`, `agree`, `close`, `differ`, `kept_apart`, as in the evidence.
Nearest = Callable[[Path, Mapping[str, Any]], Sequence[Mapping[str, Any]]]

_VERDICTS: dict[str, str] = {
    "found": "retrouvé",
    "review": "à confirmer",
    "missing": "manquant",
    "excluded": "hors des listes",
}
#: Which of the four questions a verdict calls for, by rank.
_QUESTIONS: dict[str, tuple[int, ...]] = {
    "missing": (0, 1),
    "review": (0,),
    "found": (2,),
    "excluded": (2,),
}
_COLUMNS = (
    "source uai identifiant_local person verdict matched_source matched_uai matched_by probability "
    "lane fragile followed_by evidence"
).split()


class UnknownEnrolment(LookupError):
    """No enrolment of *before* has this establishment and this identifier."""


def _rows(out: Path, uai: str, identifiant_local: str) -> list[dict[str, Any]]:
    verdicts = out / "verdicts.parquet"
    if not verdicts.is_file():
        raise UnknownEnrolment(
            f"{out} : pas de verdicts.parquet ; donnez le dossier écrit par « raccord compare »."
        )
    columns = ", ".join(f"v.{name}" for name in _COLUMNS)
    with duckdb.connect(":memory:") as database:
        found = database.execute(
            f"""
            SELECT {columns}, (
                SELECT string_agg(DISTINCT o.uai, ', ' ORDER BY o.uai) FROM verdicts AS o
                WHERE o.person = v.person AND o.uai IS DISTINCT FROM v.uai
            ) AS also_listed_by
            FROM verdicts AS v
            WHERE upper(trim(v.uai)) = upper(trim($uai))
              AND trim(v.identifiant_local) = trim($identifier)
            ORDER BY v.source
            """.replace("FROM verdicts", "FROM read_parquet($verdicts)"),
            {"verdicts": str(verdicts), "uai": uai, "identifier": identifiant_local},
        )
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _coverage(out: Path) -> list[dict[str, Any]]:
    summary = out / "summary.json"
    if not summary.is_file():
        return []
    coverage = json.loads(summary.read_text("utf-8")).get("coverage")
    return coverage if isinstance(coverage, list) else []


def _candidate(rank: int, candidate: Mapping[str, Any]) -> str:
    place = wording.place(candidate.get("uai"), candidate.get("source"))
    said = f"{rank}. Une inscription {place}, {wording.chances(candidate.get('probability'))}"
    if compared := wording.comparison(candidate):
        said += f" : {compared}"
    codes = candidate.get("kept_apart") or ["weak"]
    return typeset(f"{said}. Écartée : {wording.kept_apart(codes)}.")


def _explain_row(
    out: Path,
    row: Mapping[str, Any],
    coverage: Sequence[Mapping[str, Any]],
    nearest: Nearest | None,
) -> list[str]:
    verdict, lane = row["verdict"], row["lane"]
    place = f"{row['uai']}, {row['identifiant_local']} (base {source_name(row['source'])})"
    if lane == "deceased":
        # Closed for everyone, silently: no more is said than of an unlisted enrolment.
        return [typeset(f"{place} : {_VERDICTS['excluded']}.")]
    evidence = json.loads(row["evidence"]) if row["evidence"] else {}
    candidates = list(nearest(out, row)) if nearest and verdict == "missing" else []
    if candidates:
        evidence = {key: value for key, value in evidence.items() if key != "nearest"}
    lines = [typeset(f"{place} : {_VERDICTS.get(verdict, verdict)}.")]
    said = wording.sentences(
        verdict=verdict,
        evidence=evidence,
        matched_by=row["matched_by"],
        matched_source=row["matched_source"],
        matched_uai=row["matched_uai"],
        probability=row["probability"],
        lane=lane,
        fragile=bool(row["fragile"]),
        followed_by=row["followed_by"],
        also_listed_by=row["also_listed_by"] if verdict in ("missing", "review") else None,
        searched=wording.coverage_sentence(coverage) if coverage else "",
    )
    if candidates:
        said.remove(wording.NOBODY_NEAR)
    lines += said
    if candidates:
        lines.append(typeset("Les inscriptions les plus proches :"))
        lines += [_candidate(rank, one) for rank, one in enumerate(candidates[:3], start=1)]
    if verdict == "found":
        lines.append(
            typeset(
                "Si ce n’est pas la même personne, notez-le dans le fichier des décisions "
                "(--decisions) : une décision humaine l’emporte toujours."
            )
        )
    questions = wording.four_questions(coverage)
    ranks = [*_QUESTIONS.get(verdict, ()), *([3] if row["also_listed_by"] else [])]
    for rank in ranks:
        question, answers = questions[rank]
        lines += ["", question, *answers]
    return lines


def explain(
    out: Path, uai: str, identifiant_local: str, *, nearest: Nearest | None = None
) -> list[str]:
    """Explain the verdict of one enrolment of *before*, from the folder of a comparison.

    Returns lines to print: the verdict, why, what was searched and the nearest candidates, then
    the questions that schools ask about such a verdict. No value of another person is in them.
    Raises `UnknownEnrolment`, with a message in French, when no row has this identity.
    """
    rows = _rows(out, uai, identifiant_local)
    if not rows:
        raise UnknownEnrolment(
            f"Aucune inscription d’avant n’a l’établissement {uai} et l’identifiant "
            f"{identifiant_local} dans {out}."
        )
    coverage = _coverage(out)
    lines: list[str] = []
    for row in rows:
        lines += ([""] if lines else []) + _explain_row(out, row, coverage, nearest)
    return lines
