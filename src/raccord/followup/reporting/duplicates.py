"""Two files that may be one young person: found each night by the engine of the comparison among
the open cases of a territory, put in a queue, decided once."""

from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection, transaction

from raccord.followup.identifiers import new_id
from raccord.followup.models import Case, PossibleDuplicate
from raccord.followup.notifications.services import NotificationKind, notify
from raccord.matching.candidates import block
from raccord.matching.model import weights
from raccord.matching.model.levels import COLUMNS
from raccord.matching.model.pairs import compare, weigh
from raccord.matching.vetoes import at_level, veto_sql
from raccord.registers import folding
from raccord.territory.models import Academie

#: From this probability two files are put side by side; a human decides.
LIKELY = 0.5

_OPEN = """SELECT p.id::text AS person, p.last_name, p.usage_name, p.first_name, p.other_names,
        to_char(p.birth_date, 'YYYY-MM-DD') AS birth_date, p.sex, p.birth_commune,
        p.ine[1] AS ine, d.phone, d.email, d.address, d.postcode, d.commune_id AS commune,
        (SELECT s.uai FROM followup_departure l JOIN territory_structure s ON s.id = l.structure_id
            WHERE l.person_id = p.id ORDER BY l.left_on DESC NULLS LAST, l.id DESC LIMIT 1) AS uai
    FROM followup_person p
    JOIN followup_case c ON c.person_id = p.id AND c.status <> 'closed'
    LEFT JOIN followup_contactdetails d ON d.person_id = p.id
    WHERE c.academie_id = %s AND NOT p.hidden AND NOT p.training AND p.protected_at IS NULL
    ORDER BY p.id"""
_FEATURES = {
    "n_nom": folding.folded("last_name"),
    "n_usage": folding.folded("usage_name"),
    "n_prenom": folding.folded("first_name"),
    "n_suite": folding.folded("other_names"),
    "naissance": "replace(birth_date, '-', '')",
    "s": folding.sex("sex"),
    "n_commune": folding.commune("birth_commune"),
    "n_uai": folding.establishment("uai"),
    "n_uai_precedent": "NULL::VARCHAR",
    "n_ine": folding.ine("ine"),
    "telephone": folding.phone("phone"),
    "representant": "NULL::BIGINT",
    "courriel": "nullif(lower(trim(email)), '')",
    "adresse": folding.folded("address"),
    "code_postal": folding.establishment("postcode"),
    "n_residence": folding.commune("commune"),
}
#: Two who are followed at once under clearly different first names are two, whatever else they
#: share: twins have one mother, one telephone, and now and then each other's INE.
_TWO_CHILDREN = f"({at_level('prenom', 'different')} AND NOT {at_level('nom_famille', 'swapped')})"
_MADE = {
    "c_nom": "replace(n_nom, ' ', '')",
    "c_usage": "replace(n_usage, ' ', '')",
    "c_prenom": "replace(n_prenom, ' ', '')",
    "ine_family": "CASE WHEN n_ine IS NOT NULL THEN length(n_ine)::VARCHAR || right(n_ine, 1) END",
}


def write(academie: Academie) -> int:
    """Put the new pairs of a territory in the queue and tell the two holders; how many. A pair that
    was decided is not asked again."""
    found = _pairs(academie)
    if not found:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO followup_possibleduplicate (id, one_id, other_id, probability, found_at,
                status)
            SELECT * FROM (SELECT unnest(%s::uuid[]) AS id, unnest(%s::uuid[]) AS one,
                unnest(%s::uuid[]) AS other, unnest(%s::float8[]) AS probability, now() AS at,
                'open' AS status) x
            ON CONFLICT (one_id, other_id) DO NOTHING RETURNING id""",
            [
                [new_id() for _ in found],
                [min(one, other) for one, other, _ in found],
                [max(one, other) for one, other, _ in found],
                [probability for _, _, probability in found],
            ],
        )
        made = [key for (key,) in cursor.fetchall()]
        _tell(made)
    return len(made)


def _tell(pairs: list[Any]) -> None:
    """A few a night, once: the holders of both files."""
    found = PossibleDuplicate.objects.filter(pk__in=pairs).values_list("one", "other")
    persons = {person for pair in found for person in pair}
    for case in Case.objects.open().filter(person__in=persons).select_related("holder", "person"):
        notify(NotificationKind.DUPLICATE, case=case, structure=case.holder)


def _pairs(academie: Academie) -> list[tuple[str, str, float]]:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [academie.pk])
        names = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    if len(rows) < 2:
        return []
    raw = pa.table({n: pa.array([r[i] for r in rows], pa.string()) for i, n in enumerate(names)})
    model = weights.load()
    with duckdb.connect() as engine:
        engine.execute("SET enable_progress_bar = false")
        engine.register("raw", raw)
        _load(engine, model)
        block(engine, "features", "features", "met")
        engine.execute("CREATE TABLE facing AS SELECT l, r FROM met WHERE l < r")
        compare(engine, "facing", "features", "features", "levels")
        weigh(engine, "levels", "features", model, model.prior(len(rows)), "weighed")
        found = engine.execute(
            f"""SELECT f.person, g.person, round(1 / (1 + pow(2, -least(weight, 60))), 6)
            FROM (SELECT *, false AS has_twin, false AS has_namesake FROM weighed) w
            JOIN features f ON f.id = w.l JOIN features g ON g.id = w.r
            WHERE ({veto_sql()}) IS NULL AND NOT {_TWO_CHILDREN}
                AND 1 / (1 + pow(2, -least(weight, 60))) >= {LIKELY}
            ORDER BY 1, 2"""
        ).fetchall()
    return [(str(one), str(other), float(probability)) for one, other, probability in found]


def _load(engine: duckdb.DuckDBPyConnection, model: weights.Model) -> None:
    folded = ", ".join(f"{sql} AS {name}" for name, sql in _FEATURES.items())
    made = ", ".join(f"{sql} AS {name}" for name, sql in _MADE.items())
    engine.execute(
        f"""CREATE TABLE plain AS SELECT *, {made} FROM (
            SELECT row_number() OVER () AS id, person, {folded} FROM raw)"""
    )
    shares = []
    for column in ("c_nom", "c_prenom", "n_commune"):
        values = model.frequencies[column]
        engine.execute(f"CREATE TABLE share_{column} (value VARCHAR, share DOUBLE)")
        engine.execute(
            f"INSERT INTO share_{column} SELECT unnest($values), unnest($shares)",
            {"values": list(values), "shares": list(values.values())},
        )
        shares.append(
            f"coalesce((SELECT share FROM share_{column} WHERE value = {column}), "
            f"{model.floors[column]}) AS tf_{column}"
        )
    engine.execute(
        f"CREATE TABLE features AS SELECT id, person, {', '.join(COLUMNS)}, {', '.join(shares)} "
        "FROM plain"
    )
