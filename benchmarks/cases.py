"""Opening cases: what a night writes, against COPYing the very same rows into the same tables.

    DATABASE_URL=postgresql://… python -m benchmarks.cases [--cases N] [--runs N]

Works in a database of its own, made and removed on the server of DATABASE_URL.
"""

import argparse
import atexit
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measures import Measure, Report, shown  # noqa: E402
from benchmarks.measuring import Spread  # noqa: E402

AS_OF = date(2026, 11, 16)
SCHOOLS = 100

#: Tables a night writes, parents first.
WRITTEN = (
    "followup_person",
    "followup_contactdetails",
    "followup_legalrepresentative",
    "followup_case",
    "followup_party",
    "followup_departure",
    "followup_candidate",
    "followup_timelineevent",
    "detection_change",
)


@dataclass
class Cases:
    """Seconds of each, run by run, and how many rows."""

    opening: Spread = field(default_factory=Spread)
    updating: Spread = field(default_factory=Spread)
    copying: Spread = field(default_factory=Spread)
    rows: int = 0


@contextmanager
def database() -> Iterator[Any]:
    """Django on an empty database of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raccord.config.settings")
    if "RACCORD_HOME" not in os.environ:
        os.environ["RACCORD_HOME"] = home = tempfile.mkdtemp(prefix="raccord-bench-")
        atexit.register(shutil.rmtree, home, ignore_errors=True)
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["TEST"]["NAME"] = f"bench_cases_{os.getpid()}"
    former = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield connection
    finally:
        connection.creation.destroy_test_db(former, verbosity=0)


def _schools() -> None:
    from raccord.territory.models import Academie, Departement, Structure

    academie = Academie.objects.get_or_create(code="17", defaults={"name": "Nantes"})[0]
    departement = Departement.objects.get_or_create(
        code="044", defaults={"name": "Loire-Atlantique", "academie": academie}
    )[0]
    Structure.objects.bulk_create(
        Structure(kind="lycee", uai=f"{n:07d}Z", name=f"Lycée {n}", academie=academie,
                  departement=departement)
        for n in range(SCHOOLS)
    )  # fmt: skip


def _staged(cursor: Any, cases: int, lane: str) -> None:
    """The temporary tables of a night, filled by its own COPY."""
    from raccord.detection import nearest, staging

    values = {
        "grp": "i",
        "source": "'siecle'",
        "uai": f"printf('%07dZ', i % {SCHOOLS})",
        "local_id": "i::VARCHAR",
        "verdict": "'missing'",
        "lane": f"'{lane}'",
        "probability": "0.01",
        "evidence": '\'{"agree": ["nom_famille"], "differ": ["prenom"]}\'',
        "last_name": "'NOM' || i",
        "first_name": "'Prénom'",
        "birth_date": "DATE '2009-01-01' + (i % 300)::INTEGER",
        "sex": "'F'",
        "ine": "printf('{%09dAB}', i)",
        "search_name": "'NOM' || i || ' PRENOM'",
        "address": "i || ' rue de la Gare'",
        "postcode": "'44000'",
        "phone": "'0699' || printf('%06d', i % 1000000)",
        "guardian": "'NOM Parent'",
        "guardian_phone": "'0699000000'",
        "level": "'1RE GENERALE'",
        "course": "'1RE GENERALE'",
        "mef": "'20110019110'",
        "seen_on": "DATE '2026-06-20'",
    }
    with duckdb.connect() as connection:
        for table, columns, source, rows in (
            ("night_row", {n: k for n, (k, _) in staging.COLUMNS.items()}, values, 1),
            ("night_candidate", nearest.COLUMNS, _candidate(values), 3),
        ):
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            kept = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            cursor.execute(f"CREATE TEMP TABLE {table} ({kept})")
            selected = ", ".join(
                f"{source.get(name, _absent(name, kind))} AS {name}"
                for name, kind in columns.items()
            )
            stream = connection.sql(
                f"SELECT {selected} FROM range({cases}) a(i), range({rows}) b(k)"
            ).to_arrow_reader(50_000)
            staging.copy_into(cursor, table, list(columns), stream)
    cursor.execute("CREATE INDEX ON night_row (grp); ANALYZE night_row; ANALYZE night_candidate")


def _candidate(row: dict[str, str]) -> dict[str, str]:
    return {
        name: row[name] for name in ("source", "uai", "local_id", "last_name", "first_name")
    } | {
        "rank": "k + 1",
        "c_source": "'cfa'",
        "c_uai": "'0449999Z'",
        "c_local_id": "i || '-' || k",
        "probability": "0.01",
        "agree": "'{nom_famille}'",
        "close": "'{}'",
        "differ": "'{prenom}'",
        "kept_apart": "'{weak}'",
    }


def _absent(name: str, kind: str) -> str:
    if name.startswith("new_"):
        return "uuidv7()::VARCHAR"
    return "''" if kind == "text" and not name.startswith(("found_", "residence")) else "NULL"


def _write(connection: Any, run: int, cases: int, lane: str) -> float:
    from django.db import transaction

    from raccord.detection import writing

    values = {
        "run": run,
        "academie": "17",
        "as_of": AS_OF,
        "year": 2026,
        "now": datetime.now(UTC),
        "provisional": False,
        "untouched_until": AS_OF,
        "searched": 12,
        "absent": 0,
    }
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        _staged(cursor, cases, lane)
        counts = writing.write(cursor, values)
    seconds = time.perf_counter() - started
    done = counts["opened"] or counts["updated"]
    assert done == cases, counts
    return seconds


def _copy(connection: Any) -> tuple[float, int]:
    """Everything written, taken out, the tables emptied, then put back by COPY alone."""
    from django.db import transaction

    held, rows = {}, 0
    with connection.cursor() as cursor:
        for table in WRITTEN:
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                held[table] = [bytes(block) for block in copy]
            rows += cursor.rowcount
        cursor.execute(f"TRUNCATE {', '.join(WRITTEN)} CASCADE")
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, blocks in held.items():
            with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                for block in blocks:
                    copy.write(block)
    return time.perf_counter() - started, rows


def measure(*, cases: int, runs: int) -> Cases:
    """Open, copy, then update, `runs` times, on tables as full each time."""
    measured = Cases()
    with database() as connection:
        from raccord.detection.models import Run

        _schools()
        for _ in range(runs):
            first, second = (
                Run.objects.create(academie_id="17", school_year=2026, as_of=AS_OF).pk
                for _ in range(2)
            )
            measured.opening.values.append(_write(connection, first, cases, "obligation_16_17"))
            seconds, measured.rows = _copy(connection)
            measured.copying.values.append(seconds)
            measured.updating.values.append(_write(connection, second, cases, "dropout"))
            with connection.cursor() as cursor:
                cursor.execute(f"TRUNCATE {', '.join(WRITTEN)} CASCADE")
    return measured


def tell(measured: Cases, report: Report, *, cases: int) -> None:
    """The lines of the table."""
    topic = f"Dossiers ouverts par une nuit ({cases})"
    report.add(
        Measure(topic, "ouvrir, en temps de COPY des mêmes lignes dans les mêmes tables",
                measured.opening.over(measured.copying), "×", 2.0),
        Measure(topic, "mettre à jour, en temps du même COPY",
                measured.updating.over(measured.copying), "×", 2.0),
    )  # fmt: skip
    report.tables["Dossiers"] = (
        ["", "secondes"],
        [
            ["ouvrir", shown(measured.opening.middle, "s")],
            ["mettre à jour", shown(measured.updating.middle, "s")],
            [f"COPY de {measured.rows} lignes", shown(measured.copying.middle, "s")],
        ],
    )


def main() -> int:
    """By itself: prints the ratios."""
    parser = argparse.ArgumentParser(description="ouverture des dossiers")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    measured = measure(cases=asked.cases, runs=asked.runs)
    for name, spread in (("ouvrir", measured.opening), ("mettre à jour", measured.updating)):
        print(
            f"{name} : {spread.middle:.2f} s, COPY : {measured.copying.middle:.2f} s "
            f"({measured.rows} lignes), × {spread.over(measured.copying).middle:.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
