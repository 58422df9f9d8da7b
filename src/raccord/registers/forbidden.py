"""What no batch may hold: a NIR met in free text, a disability written as a class label.

Columns such as nationality, scholarship, régime or social category are simply never read by any
format. This is the second door, the same for all formats, on the values themselves.
"""

from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from raccord.registers.identifiers import NIR_PATTERN, normalised
from raccord.registers.problems import Problem, ProblemLog, Severity

#: Text where somebody may have typed a NIR. Dates and codes of fixed length cannot hold one.
#: Phones and local numbers: only with the key (15 digits), as 13 digits may be a foreign phone or
#: a number made from the clock by some software.
_FREE_TEXT = [
    "ine",
    "nom_famille",
    "nom_usage",
    "prenom",
    "prenoms_suivants",
    "commune_naissance",
    "commune_residence",
    "adresse",
    "courriel",
    "representant_nom",
    "statut",
    "formation",
    "classe",
    "motif_sortie",
    "diplome_obtenu",
    "suivi_par",
]
_NUMBERS = ("identifiant_local", "telephone", "representant_telephone")
_LONGEST_INNOCENT = 12  # a NIR without its key has 13 characters
_LONGEST_NUMBER = 14

#: Labels that tell a disability (ULIS and its former names), which no register needs to compare.
_HEALTH_PATTERN = r"(?i)(?:^|[^a-z])(?:u\.?l\.?i\.?s|clis|upi|ime|itep)(?:$|[^a-z])"
_LABELS = ("classe", "formation")

#: What replaces such a label: still a class, so that the pupil does not look unassigned.
NEUTRAL_LABEL = "autre"


def without_forbidden(batch: pa.RecordBatch, problems: ProblemLog) -> pa.RecordBatch:
    """`batch` with every NIR dropped and every health label made neutral; NIRs are reported.

    The reports never carry the value.
    """
    for name in _FREE_TEXT:
        batch = _dropped(batch, name, _LONGEST_INNOCENT, problems)
    for name in _NUMBERS:
        batch = _dropped(batch, name, _LONGEST_NUMBER, problems)
    for name in _LABELS:
        column = batch.column(name)
        if column.null_count == len(column):
            continue
        found = pc.match_substring_regex(column, _HEALTH_PATTERN)
        if found.true_count:
            batch = _with(batch, name, pc.if_else(found, pa.scalar(NEUTRAL_LABEL), column))
    return batch


def _dropped(
    batch: pa.RecordBatch, name: str, innocent: int, problems: ProblemLog
) -> pa.RecordBatch:
    column = cast(pa.StringArray, batch.column(name))
    if not pc.greater(pc.utf8_length(column), pa.scalar(innocent)).true_count:
        return batch
    found = pc.match_substring_regex(column, NIR_PATTERN)
    if not found.true_count:
        return batch
    rows = [
        row
        for row, held in enumerate(found.to_pylist())
        if held and len(normalised(column[row].as_py())) > innocent
    ]
    kept = column.to_pylist()
    for row in rows:
        kept[row] = None
        problems.add(
            Problem(
                rule="nir",
                severity=Severity.WARNING,
                message=(
                    "un numéro de sécurité sociale semble saisi dans ce champ : la valeur a été "
                    "ignorée et n'est gardée nulle part ; effacez-la dans le logiciel d'origine"
                ),
                line=batch.column("ligne")[row].as_py(),
                field=name,
            )
        )
    return _with(batch, name, pa.array(kept, pa.string()))


def _with(batch: pa.RecordBatch, name: str, column: "pa.Array[Any]") -> pa.RecordBatch:
    return batch.set_column(batch.schema.get_field_index(name), batch.schema.field(name), column)
