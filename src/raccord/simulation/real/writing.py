"""`simulate(format="real")`: both sides, exam results, support, the incidents of a real night."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from raccord.simulation import drawing, levels
from raccord.simulation.columns import days
from raccord.simulation.parameters import Parameters
from raccord.simulation.places import Kind
from raccord.simulation.population import Fate
from raccord.simulation.real import private, siecle, tabular
from raccord.simulation.real.directory import write_directory
from raccord.simulation.real.rows import Register, Row
from raccord.simulation.truth import TRUTH_AFTER_SCHEMA, TRUTH_SCHEMA

#: Day of the comparison in summer: between the *bascule* and the September start.
SUMMER_DAY = (7, 10)
#: Registers exported weeks before the comparison. Estimate: half of the CFA declare late, some
#: schools too.
_LATE = {Kind.CFA: 0.3}
_LATE_SCHOOL = 0.05

_WRITERS: dict[Kind, Callable[[Register], Path]] = {
    Kind.COLLEGE: siecle.write,
    Kind.LYCEE: siecle.write,
    Kind.LP: siecle.write,
    Kind.COLLEGE_PRIVE: private.write,
    Kind.LYCEE_PRIVE: private.write,
    Kind.LP_PRIVE: private.write,
    Kind.AGRICOLE: tabular.write_fregata,
    Kind.CFA: tabular.write_dossier,
}


@dataclass
class _Country:
    """The whole simulation in memory: enough for a few académies, which is what this is for."""

    parts: list[drawing.Part]
    before: pa.Table
    after: pa.Table
    before_school: np.ndarray[Any, np.dtype[np.int64]]
    after_school: np.ndarray[Any, np.dtype[np.int64]]


def write_real(
    pupils: int,
    seed: int,
    out: Path,
    p: Parameters,
    *,
    season: str = "autumn",
    progress: Callable[[int, int], None] | None = None,
) -> drawing.Simulation:
    """Folders before/, after/, diplomas/, followed/, incidents/ and the truth.

    `season="summer"`: the comparison is made in July; after holds the base of the year to come,
    without any division yet, and some establishments also send that of the year that ends.
    """
    if season not in ("autumn", "summer"):
        raise ValueError(f"saison inconnue : {season} (autumn ou summer)")
    summer = season == "summer"
    if summer:
        p = replace(p, as_of=date(p.school_year, *SUMMER_DAY), left_since_september=0.0)
    for name in ("before", "after", "diplomas", "followed", "incidents"):
        shutil.rmtree(out / name, ignore_errors=True)
    country = _drawn(pupils, seed, p)
    schools = country.parts[0].schools
    rng = np.random.default_rng([seed, 77])
    style = rng.integers(0, 1_000, len(schools.kind))
    # At least one workbook and one plain file among the CFA, whatever the draw.
    cfa = np.flatnonzero(schools.kind == Kind.CFA)
    style[cfa[0]] = 3
    plain = {int(cfa[-1])} if len(cfa) > 1 else set()
    _plain_source(country, plain)

    last_export = date(p.school_year, 7, 3)
    incidents: dict[str, Any] = {}
    rows = len(country.before) + len(country.after)
    written = 0

    def write(kind: Kind, number: int, register: Register) -> None:
        nonlocal written
        _write(kind, number, register, plain)
        written += len(register.rows)
        if progress is not None:
            progress(written * pupils // rows, pupils)

    before = list(_registers(country, p.school_year - 1, out / "before", style, last_export))
    for kind, number, register in before:
        write(kind, number, register)
    after = []
    for kind, number, drawn in _registers(
        country, p.school_year, out / "after", style, p.as_of - timedelta(days=1), after=True
    ):
        late = rng.random() < _LATE.get(kind, _LATE_SCHOOL) and not summer
        weeks = int(rng.integers(3, 6)) if late else 0
        if late:
            incidents.setdefault("late", []).append(drawn.uai)
        register = replace(
            drawn, exported_on=drawn.exported_on - timedelta(weeks=weeks), summer=summer
        )
        write(kind, number, register)
        after.append((kind, number, register))
    if summer:
        incidents["both_years"] = _both_years(before, after, out, p)
    else:
        incidents |= _incidents(before, after, out)
    _write_diplomas(country, out, p)
    _write_followed(country, out, p, seed)
    write_directory(out / "annuaire.csv", country.parts[0].territory, schools)
    truth = pa.concat_tables([part.truth.before for part in country.parts])
    now = pa.concat_tables([part.truth.after for part in country.parts])
    pq.write_table(truth.cast(TRUTH_SCHEMA), out / "truth.parquet")
    pq.write_table(now.cast(TRUTH_AFTER_SCHEMA), out / "truth_after.parquet")
    counts: dict[str, int] = {}
    for part in country.parts:
        drawing.count(counts, part)
    return drawing.finish(
        out, pupils, seed, p, "real", counts, {"season": season, "incidents": incidents}
    )


def _drawn(pupils: int, seed: int, p: Parameters) -> _Country:
    parts = list(drawing.parts(pupils, seed, p))
    return _Country(
        parts,
        pa.concat_tables([part.rows_before.table for part in parts]),
        pa.concat_tables([part.rows_after.table for part in parts]),
        np.concatenate([part.before.school for part in parts]),
        np.concatenate([part.after.school for part in parts]),
    )


def _plain_source(country: _Country, plain: set[int]) -> None:
    """The truth names a plain file's rows as its reader will: source "plain"."""
    uais = country.parts[0].schools.uai.take(pa.array(sorted(plain), pa.int64()))

    def renamed(table: pa.Table, source: str, uai: str) -> pa.Table:
        column = pc.if_else(pc.is_in(table[uai], value_set=uais), pa.scalar("plain"), table[source])
        return table.set_column(table.schema.get_field_index(source), source, column)

    country.before = renamed(country.before, "source", "uai")
    country.after = renamed(country.after, "source", "uai")
    for part in country.parts:
        part.truth.before = renamed(part.truth.before, "source", "uai")
        part.truth.before = renamed(part.truth.before, "after_source", "after_uai")
        part.truth.after = renamed(part.truth.after, "source", "uai")


def _registers(
    country: _Country,
    year: int,
    folder: Path,
    style: np.ndarray[Any, Any],
    exported_on: date,
    *,
    after: bool = False,
) -> Iterator[tuple[Kind, int, Register]]:
    schools = country.parts[0].schools
    table = country.after if after else country.before
    school = country.after_school if after else country.before_school
    order = np.argsort(school, kind="stable")
    ends = np.searchsorted(school[order], np.arange(len(schools.kind) + 1))
    for number in range(len(schools.kind)):
        rows = order[ends[number] : ends[number + 1]]
        if not len(rows):
            continue
        mine = table.take(pa.array(rows))
        records = [
            {k: v or "" for k, v in record.items()}
            for record in mine.sort_by([("nom_famille", "ascending")]).to_pylist()
        ]
        yield (
            Kind(int(schools.kind[number])),
            number,
            Register(
                schools.uai[number].as_py(),
                schools.siret[number].as_py(),
                year,
                exported_on,
                records,
                folder,
                int(style[number]),
            ),
        )


def _write(kind: Kind, number: int, register: Register, plain: set[int]) -> None:
    writer = tabular.write_plain if number in plain else _WRITERS[kind]
    path = writer(register)
    # Tables say nowhere when they were made: only the date of the file does.
    made = datetime.combine(register.exported_on, time(19), tzinfo=UTC).timestamp()
    os.utime(path, (made, made))


_Registers = list[tuple[Kind, int, Register]]


def _incidents(before: _Registers, after: _Registers, out: Path) -> dict[str, Any]:
    """One file of the wrong year and one partial file, beside the sound ones.

    They lie in incidents/, each with the path of the sound file it would have replaced, so that
    a comparison of after/ alone has a clean answer and the guards can be tried one at a time.
    """
    found: dict[str, Any] = {}
    public = [r for kind, _, r in after if _WRITERS[kind] is siecle.write and len(r.rows) >= 40]
    last = {r.uai: r for kind, _, r in before if _WRITERS[kind] is siecle.write}
    if not public:
        return found
    register = public[0]
    # Alphabetical cut: every name after two thirds of the list is absent.
    partial = replace(
        register,
        rows=register.rows[: len(register.rows) * 2 // 3],
        folder=out / "incidents" / "partiel",
    )
    siecle.write(partial)
    found["partial"] = {"uai": register.uai, "missing": len(register.rows) - len(partial.rows)}
    known = [r for r in public[1:] if r.uai in last]
    if known:
        # Last year's export, uploaded again today.
        wrong = replace(
            last[known[0].uai],
            exported_on=known[0].exported_on,
            folder=out / "incidents" / "mauvaise-annee",
        )
        siecle.write(wrong)
        found["wrong_year"] = {"uai": wrong.uai, "year": wrong.year}
    return found


def _both_years(before: _Registers, after: _Registers, out: Path, p: Parameters) -> list[str]:
    """Some establishments also send the base of the year that ends: those who do not come back
    to them left it on the last day of school."""
    stays = {
        (register.uai, row["identifiant_local"])
        for _, _, register in after
        for row in register.rows
    }
    end = date(p.school_year, 7, 3).isoformat()
    sent = []
    for kind, _, register in before:
        if _WRITERS[kind] is not siecle.write or register.style % 7:
            continue
        rows: list[Row] = [
            row
            if (register.uai, row["identifiant_local"]) in stays or row["date_sortie"]
            else row | {"date_sortie": end, "motif_sortie": ""}
            for row in register.rows
        ]
        both = replace(
            register,
            rows=rows,
            folder=out / "after",
            exported_on=p.as_of - timedelta(days=1),
        )
        siecle.write(both)
        sent.append(register.uai)
    return sent


_DIPLOMA_FILE = (
    "source", "uai", "identifiant_local", "ine", "nom_famille", "prenom", "prenoms_suivants",
    "date_naissance", "sexe", "commune_naissance", "formation", "diplome_obtenu",
    "niveau_diplome", "date_diplome",
)  # fmt: skip
_FOLLOWED_FILE = (
    "source", "identifiant_local", "ine", "nom_famille", "prenom", "date_naissance", "sexe",
    "code_postal", "telephone", "courriel", "suivi_par", "suivi_depuis",
)  # fmt: skip


def _write_diplomas(country: _Country, out: Path, p: Parameters) -> None:
    """Exam results of the year that ends, and the diplomas held before by students and some
    dropouts."""
    own = [level.diploma or "CAP" for level in levels.LEVELS]
    own_rank = [str(level.diploma_level or 3) for level in levels.LEVELS]
    earlier = ["Baccalauréat général" if level.superior else "CAP" for level in levels.LEVELS]
    earlier_rank = ["4" if level.superior else "3" for level in levels.LEVELS]
    names, ranks = pa.array(own + earlier), pa.array(own_rank + earlier_rank)
    july = int(np.datetime64(f"{p.school_year}-07-05").astype(np.int64))
    files: dict[str, list[list[str]]] = {"": [], "_anterieurs": []}
    for part in country.parts:
        side = part.before
        keep = np.flatnonzero(part.people.graduated[side.person] & ~side.twice)
        table = part.rows_before.table.take(pa.array(keep))
        passed = part.people.passed[side.person[keep]]
        level = side.level[keep].astype(np.int64)
        code = pa.array(level + np.where(passed, 0, len(own)))
        # First years of higher education passed one year ago, second years two.
        ago = np.where(levels.ENTRY[level], 365, 730)
        table = (
            table.set_column(
                table.schema.get_field_index("diplome_obtenu"), "diplome_obtenu", names.take(code)
            )
            .append_column("niveau_diplome", ranks.take(code))
            .append_column("date_diplome", days(july - np.where(passed, 0, ago)))
            .set_column(0, "source", pa.array(["examens"] * len(keep), pa.string()))
        )
        texts = _texts(table.select(list(_DIPLOMA_FILE)))
        for recent, row in zip(passed.tolist(), texts, strict=True):
            files["" if recent else "_anterieurs"].append(row)
    for suffix, rows in files.items():
        path = out / "diplomas" / f"admis_{p.school_year}{suffix}.csv"
        tabular.write_table(_DIPLOMA_FILE, rows, path)


def _write_followed(country: _Country, out: Path, p: Parameters, seed: int) -> None:
    """Mission locale and MLDS: of the dropouts of Brittany in 2020-21, 55 % were accompanied
    (GREF Bretagne). Almost nobody has an INE there (0 to 10 %)."""
    files: dict[str, list[list[str]]] = {"mission-locale": [], "mlds": []}
    for part in country.parts:
        rng = np.random.default_rng([seed, 78, part.territory.number])
        side = part.before
        fate = part.people.fate[side.person]
        chance = np.where(fate == Fate.DROPOUT, 0.55, 0.004)
        chance = np.where(fate == Fate.GRADUATE, 0.06, chance)
        chance = np.where(part.people.age[side.person] < 16, 0, chance)
        keep = np.flatnonzero((rng.random(len(side)) < chance) & ~side.twice)
        table = part.rows_before.table.take(pa.array(keep))
        where = np.where(rng.random(len(keep)) < 0.85, 0, 1)
        day = int(np.datetime64(p.as_of).astype(np.int64))
        since = days(day - rng.integers(10, 200, len(keep)))
        by = pa.array(["Mission locale", "MLDS"]).take(pa.array(where))
        ine = pc.if_else(
            pa.array(rng.random(len(keep)) < 0.06), table["ine"], pa.scalar(None, pa.string())
        )
        number = pa.array([f"D{part.territory.number:03d}{n:05d}" for n in range(len(keep))])
        table = (
            table.set_column(table.schema.get_field_index("ine"), "ine", ine)
            .set_column(0, "source", by)
            .set_column(2, "identifiant_local", number)
            .append_column("suivi_par", by)
            .append_column("suivi_depuis", since)
        )
        texts = _texts(table.select(list(_FOLLOWED_FILE)))
        for place, row in zip(where.tolist(), texts, strict=True):
            files["mlds" if place else "mission-locale"].append(row)
    for name, rows in files.items():
        if rows:
            tabular.write_table(_FOLLOWED_FILE, rows, out / "followed" / f"{name}.csv")


def _texts(table: pa.Table) -> list[list[str]]:
    columns = [[value or "" for value in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]
