"""From a file to rows: recognise, read each record, and give every UAI to one row only."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from raccord.registers.problems import Problem, RefusedFile, Severity
from raccord.territory.directories import annuaire, apprenticeship, partners, plain, tables
from raccord.territory.directories.cells import Cells
from raccord.territory.directories.rows import Reading, StructureRow
from raccord.territory.geography import folded_name


@dataclass(frozen=True)
class Format:
    """`recognise` gives its French label when the columns are its own; `row` a row, or why not."""

    source: str
    recognise: Callable[[tuple[str, ...]], str | None]
    row: Callable[[Cells], StructureRow | str]
    is_patch: bool = False


#: The most telling columns first: our own file has only `nom` and `type`.
FORMATS = (
    Format(annuaire.SOURCE, annuaire.recognise, annuaire.row),
    Format(annuaire.GEOLOCATED_SOURCE, annuaire.recognise_geolocated, annuaire.geolocated_row),
    Format(apprenticeship.SOURCE, apprenticeship.recognise, apprenticeship.row),
    Format(
        apprenticeship.NETWORK_SOURCE, apprenticeship.recognise_network, apprenticeship.network_row
    ),
    Format(partners.PRESCRIBERS_SOURCE, partners.recognise_prescribers, partners.prescriber_row),
    Format(partners.APPOINTMENTS_SOURCE, partners.recognise_appointments, partners.appointment_row),
    Format(partners.POINTS_SOURCE, partners.recognise_points, partners.point_row, is_patch=True),
    Format(partners.INCLUSION_SOURCE, partners.recognise_inclusion, partners.inclusion_row),
    Format(plain.SOURCE, plain.recognise, plain.row),
)


def read_directory(path: Path | str) -> Reading:
    """The structures of a directory. `RefusedFile` when the file cannot be used at all."""
    path = Path(path)
    columns, records = tables.records_of(path)
    for form in FORMATS:
        if label := form.recognise(columns):
            break
    else:
        shown = ", ".join(columns[:6])
        raise RefusedFile(
            path,
            f"cet annuaire n’est pas reconnu (colonnes : {shown}…) : déposez l’export d’origine, "
            "ou un CSV dont la première ligne commence par « nom;type »",
        )
    rows: list[StructureRow] = []
    problems: list[Problem] = []
    left_out: Counter[str] = Counter()
    for line, record in records:
        cells = Cells(partners.flat(record), line)
        read = form.row(cells)
        if isinstance(read, StructureRow) and not read.name:
            read = replace(read, name=f"{read.kind.label} {read.town}".strip())
            cells.report(
                "no_name",
                "nom",
                "",
                f"cette ligne n’a pas de nom : « {read.name} » en attendant mieux ; complétez-le "
                "dans l’annuaire d’origine",
            )
        who = read.name if isinstance(read, StructureRow) else ""
        problems += [replace(problem, identity=who) for problem in cells.problems]
        if isinstance(read, StructureRow):
            rows.append(read)
        else:
            left_out[read] += 1
    return Reading(
        path,
        form.source,
        label,
        tuple(_one_row_per_uai(rows, problems)),
        tuple(problems),
        left_out,
        form.is_patch,
    )


def _one_row_per_uai(rows: list[StructureRow], problems: list[Problem]) -> list[StructureRow]:
    """A second row with the same UAI is another site, or another entry of the same house.

    It is kept without the UAI, and says whose annex it is. The main one is the first whose name
    does not say « annexe ».
    """
    by_uai: dict[str, list[int]] = {}
    for rank, row in enumerate(rows):
        if row.uai:
            by_uai.setdefault(row.uai, []).append(rank)
    kept = list(rows)
    _say_shared_sirets(rows, problems)
    for uai, ranks in by_uai.items():
        if len(ranks) == 1:
            continue
        main = min(ranks, key=lambda rank: ("annexe" in folded_name(rows[rank].name), rank))
        for rank in ranks:
            if rank == main:
                continue
            kept[rank] = replace(rows[rank], uai=None, annex_of=uai)
            problems.append(
                Problem(
                    "uai_twice",
                    Severity.WARNING,
                    f"l’UAI {uai} est aussi à la ligne {rows[main].line} (« {rows[main].name} ») : "
                    f"« {rows[rank].name} » est gardé comme un autre site de cet établissement ; "
                    "vérifiez lequel est le siège",
                    rows[rank].line,
                    rows[rank].name,
                    "uai",
                    uai,
                )
            )
    return kept


def _say_shared_sirets(rows: list[StructureRow], problems: list[Problem]) -> None:
    """A SIRET is one place: two rows that share one are one structure, or one is wrong."""
    first: dict[str, StructureRow] = {}
    for row in rows:
        other = first.setdefault(row.siret, row)
        if not row.siret or other is row or (row.uai and row.uai == other.uai):
            continue
        problems.append(
            Problem(
                "siret_twice",
                Severity.NOTICE,
                f"le SIRET {row.siret} est aussi à la ligne {other.line} (« {other.name} ») : les "
                "deux lignes sont gardées ; si c’est la même structure, supprimez-en une",
                row.line,
                row.name,
                "siret",
                row.siret,
            )
        )
