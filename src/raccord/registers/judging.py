"""From the text a reader found to the row a comparison can use, once for all formats.

A register is kept as two Parquet files with the same rows in the same order: `plain.parquet`, the
text as exported, and `prepared.parquet`, the columns below, so that the nightly comparison never
parses a name twice. A doubtful value stays in the plain file and is null in the prepared one;
`quality.py` says which and what to do.
"""

from collections.abc import Collection

from raccord.registers import folding
from raccord.registers.enrolment import ALL_COLUMNS, ENROLMENT_SCHEMA

#: Bump when the same text gives another prepared value: snapshots are then made again.
VERSION = 3

#: name → DuckDB type. `n_` folded text, `d_` dates, `k_` 64-bit keys (null when the value cannot
#: serve as an exact key). `usable` and `holds_nir` are verdicts on the row itself.
PREPARED_COLUMNS: dict[str, str] = {
    "source": "VARCHAR",
    "uai": "VARCHAR",
    "identifiant_local": "VARCHAR",
    "n_nom": "VARCHAR",
    "n_usage": "VARCHAR",
    "n_prenom": "VARCHAR",
    "n_suite": "VARCHAR",
    "d_naissance": "DATE",
    "s": "TINYINT",
    "n_ine": "VARCHAR",
    "k_ine": "UBIGINT",
    "k_ine2": "UBIGINT",
    "k_ine3": "UBIGINT",
    "k_nom": "UBIGINT",
    "k_prenom": "UBIGINT",
    "n_commune": "VARCHAR",
    "n_uai": "VARCHAR",
    "n_uai_precedent": "VARCHAR",
    "d_sortie": "DATE",
    "d_fragile_du": "DATE",
    "d_fragile_au": "DATE",
    "row_hash": "UBIGINT",
    "usable": "BOOLEAN",
    "holds_nir": "BOOLEAN",
}

#: A NIR may only have slipped into these; it is dropped, never kept (décret-cadre 2019-341).
_MAY_HOLD_A_NIR = ("ine", "identifiant_local", "adresse")

#: Evidence other than the three identity fields; one of them makes a row usable.
_OTHER_EVIDENCE = (
    "ine",
    "nom_usage",
    "prenoms_suivants",
    "commune_naissance",
    "adresse",
    "code_postal",
    "telephone",
    "courriel",
    "uai_precedent",
)


def _column(column: str, present: Collection[str]) -> str:
    is_text = ENROLMENT_SCHEMA.field(column).type == "string"
    if column not in present:
        return f"NULL::{'VARCHAR' if is_text else 'INTEGER'}"
    if column in _MAY_HOLD_A_NIR:
        return f"CASE WHEN {_nir(column)} THEN NULL ELSE {column} END"
    return column


def _nir(column: str) -> str:
    return f"length({column}::VARCHAR) >= 13 AND {folding.nir(column)}"


def sanitised_select(relation: str, present: Collection[str], default_source: str) -> str:
    """SELECT of ALL_COLUMNS as text, without a NIR and without a column of another name."""
    selected = []
    for column in ALL_COLUMNS:
        expression = _column(column, present)
        if ENROLMENT_SCHEMA.field(column).type != "string":
            expression = f"try_cast({expression} AS INTEGER)"
        else:
            expression = folding.text(expression)
        if column == "source":
            expression = f"coalesce({expression}, '{default_source}')"
        if column == "ligne" and column not in present:
            expression = "(file_row_number + 1)::INTEGER"
        selected.append(f"{expression} AS {column}")
    return f"SELECT {', '.join(selected)} FROM {relation}"


def _sound_key(folded_ine: str) -> str:
    return f"CASE WHEN {folding.ine_is_sound(folded_ine)} THEN hash({folded_ine}) END"


def _usable(present: Collection[str]) -> str:
    """At least one of the three identity fields, and some other evidence (the contract)."""
    identity = (
        "((n_nom IS NOT NULL)::INTEGER + (n_prenom IS NOT NULL)::INTEGER"
        " + (d_naissance IS NOT NULL)::INTEGER)"
    )
    known = [f"{c} IS NOT NULL" for c in _OTHER_EVIDENCE if c in present] or ["false"]
    return f"({identity} >= 2 OR ({identity} = 1 AND ({' OR '.join(known)})))"


#: Names folded step by step: column → its prepared name.
_NAMES = {
    "nom_famille": "n_nom",
    "nom_usage": "n_usage",
    "prenom": "n_prenom",
    "prenoms_suivants": "n_suite",
}


def _name(column: str, step: str, filled: Collection[str]) -> str:
    """SQL: one step of the folding of a name, NULL where nobody has any."""
    prepared = _NAMES[column]
    if column not in filled:
        return "NULL::VARCHAR"
    return {
        "bare": folding.bare(column),
        "plain": folding.unaccented(f"bare_{prepared}"),
        "words": folding.words(f"plain_{prepared}"),
        "": folding.spelt(f"plain_{prepared}", f"words_{prepared}"),
    }[step]


def prepared_select(
    relation: str,
    present: Collection[str],
    default_source: str,
    filled: Collection[str] | None = None,
    *,
    several_ine: bool = True,
) -> str:
    """SELECT of PREPARED_COLUMNS from `relation` (SQL), one row for each of its rows, in order.

    `present` are the columns the relation really has, `filled` those of them that are not null
    everywhere (all of them when it is not known): of the others there is nothing to plan.
    Several INE in one row are joined with "|": the first three sound ones become keys. With
    `several_ine` false, no row has several.
    """

    filled = present if filled is None else set(filled) & set(present)

    def c(column: str) -> str:
        return _column(column, filled)

    def names(step: str) -> str:
        prefix = f"{step}_" if step else ""
        return ", ".join(
            f"{_name(name, step, filled)} AS {prefix}{n}" for name, n in _NAMES.items()
        )

    hashed = ", ".join(
        name for name in ALL_COLUMNS if name in present and name not in ("ligne", "annee_scolaire")
    )
    several = "contains(own_ine, '|')"

    def ine(rank: int) -> str:
        if "ine" not in filled or (rank > 1 and not several_ine):
            return "NULL::VARCHAR"
        part = folding.ine(f"split_part(own_ine, '|', {rank})")
        whole = f" ELSE {folding.ine('own_ine')}" if rank == 1 else ""
        return f"CASE WHEN {several} THEN {part}{whole} END"

    def other_key(rank: int) -> str:
        if "ine" not in filled or not several_ine:
            return "NULL::UBIGINT"
        return f"CASE WHEN ine_{rank} IS NOT NULL THEN {_sound_key(f'ine_{rank}')} END"

    commune = "NULL::VARCHAR"
    if "commune_naissance" in filled:
        commune = folding.commune("commune_naissance")

    def day(column: str) -> str:
        return folding.day(column) if column in filled else "NULL::DATE"

    nirs = " OR ".join(f"({_nir(name)})" for name in _MAY_HOLD_A_NIR if name in present)
    return f"""
    WITH bared AS (
        SELECT *, {names("bare")}, ({c("ine")})::VARCHAR AS own_ine FROM {relation}
    ), plain AS (
        SELECT *, {names("plain")} FROM bared
    ), worded AS (
        SELECT *, {names("words")} FROM plain
    ), folded AS (
        SELECT *, {names("")}, {day("date_naissance")} AS d_naissance,
            {ine(1)} AS ine_1, {ine(2)} AS ine_2, {ine(3)} AS ine_3
        FROM worded
    ), keyed AS (
        SELECT *, {_sound_key("ine_1")} AS key_1, {other_key(2)} AS key_2, {other_key(3)} AS key_3
        FROM folded
    )
    SELECT coalesce({folding.text(c("source"))}, '{default_source}') AS source,
        {folding.text(c("uai"))} AS uai,
        coalesce({folding.text(c("identifiant_local"))},
                 'sans-' || to_hex(hash(n_nom, n_prenom, d_naissance, ine_1)))
            AS identifiant_local,
        n_nom, n_usage, n_prenom, n_suite, d_naissance,
        {folding.sex(c("sexe"))} AS s,
        coalesce(ine_1, ine_2, ine_3) AS n_ine,
        coalesce(key_1, key_2, key_3) AS k_ine, key_2 AS k_ine2, key_3 AS k_ine3,
        {folding.key("n_nom")} AS k_nom, {folding.key("n_prenom")} AS k_prenom,
        {commune} AS n_commune,
        {folding.establishment(c("uai"))} AS n_uai,
        {folding.establishment(c("uai_precedent"))} AS n_uai_precedent,
        {day("date_sortie")} AS d_sortie,
        {day("fragile_du")} AS d_fragile_du,
        {day("fragile_au")} AS d_fragile_au,
        hash({hashed}) AS row_hash,
        {_usable(present)} AS usable,
        {nirs or "false"} AS holds_nir
    FROM keyed
    """
