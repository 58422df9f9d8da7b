"""From paths to snapshots: expand, recognise, read once, keep.

Every refusal is collected so that the person sees all of them at once.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import cast

import duckdb

from raccord.registers import judging, snapshots
from raccord.registers.containers import expand, refusal
from raccord.registers.documents import Document
from raccord.registers.enrolment import ALL_COLUMNS, REQUIRED_COLUMNS, Nature
from raccord.registers.formats import Reading
from raccord.registers.formats.plain import parquet_columns
from raccord.registers.problems import ProblemLog, RefusedFile
from raccord.registers.recognition import Register, pair_companions
from raccord.registers.snapshots import Keeping, Manifest, Snapshot

#: What a long reading tells: done, total, and the name of the register just read.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Stated:
    """What a person or a feed says of the registers it hands over."""

    nature: Nature | None = None
    school_year: int | None = None
    source: str | None = None
    uai: str | None = None


@dataclass
class Opened:
    """Registers that can be used, and the files that cannot, each with its reason."""

    snapshots: list[Snapshot] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def open_registers(
    paths: Sequence[Path],
    stated: Stated = Stated(),
    progress: Progress | None = None,
    engine: duckdb.DuckDBPyConnection | None = None,
) -> Opened:
    """Read every register under `paths`; what was read before is taken from the cache.

    `engine`: a connection to work in, where the caller has one; opening one costs more than reading
    a small register.
    """
    if engine is not None:
        return _open_all(engine, paths, stated, progress)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        return _open_all(connection, paths, stated, progress)


def _open_all(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    stated: Stated,
    progress: Progress | None,
) -> Opened:
    opened = Opened()
    documents = [document for path in paths for document in expand(path, opened.refused)]
    sorting = pair_companions(documents)
    opened.refused.extend(sorting.refused)
    opened.notices.extend(f"{document.label} : {why}" for document, why in sorting.orphans)
    if not sorting.registers and not opened.refused:
        for document, why in sorting.orphans:
            opened.refused.append(refusal(document, why))
    digests: dict[Document, str] = {}
    seen: set[str] = set()
    for rank, register in enumerate(sorting.registers):
        if progress:
            progress(rank, len(sorting.registers), register.document.label)
        try:
            key = _key(register, digests, stated)
            if key in seen:
                label = register.document.label
                opened.notices.append(f"{label} : donné deux fois, lu une fois")
                continue
            seen.add(key)
            opened.snapshots.append(_open(connection, register, key, stated))
        except RefusedFile as refused:
            opened.refused.append(refused)
    return opened


def _open(
    connection: duckdb.DuckDBPyConnection, register: Register, key: str, stated: Stated
) -> Snapshot:
    snapshot = snapshots.find(key) or _read(connection, register, key, stated)
    # What was read before may have had another name: messages name the file given today.
    manifest = replace(snapshot.manifest, document=register.document.label)
    snapshot = replace(snapshot, manifest=manifest)
    if manifest.rows - manifest.unusable == 0:
        raise refusal(register.document, "aucun élève utilisable dans ce fichier")
    if stated.school_year and manifest.school_year not in (None, stated.school_year):
        raise refusal(
            register.document,
            f"année scolaire {manifest.school_year}-{manifest.school_year + 1} alors que "
            f"{stated.school_year}-{stated.school_year + 1} est annoncée : "
            "demandez l'export de la bonne année",
        )
    return snapshot


def _read(
    connection: duckdb.DuckDBPyConnection, register: Register, key: str, stated: Stated
) -> Snapshot:
    problems = ProblemLog()
    reading = Reading(
        register.document,
        problems,
        companions=register.companions,
        stated_uai=stated.uai,
        stated_source=stated.source,
    )
    source = (stated.source or register.format.NAME).replace("'", "''")
    keeping: Keeping | None = None
    try:
        keeping = Keeping(key)
        if _is_contract_parquet(register.document):
            keeping.borrow(register.document.path)
        else:
            keeping.spool(register.format.read(reading))
        keeping.prepare(connection, source)
        rows, unusable, year, uais = snapshots.describe(keeping, connection, problems)
        examples, counts = snapshots.manifest_problems(problems)
        header = reading.header
        return keeping.keep(
            Manifest(
                key=key,
                document=register.document.label,
                format=register.format.NAME,
                label=register.format.LABEL,
                nature=stated.nature or register.format.NATURE,
                source=source,
                rows=rows,
                unusable=unusable,
                school_year=header.school_year or year,
                exported_on=header.exported_on.isoformat() if header.exported_on else None,
                uais=uais,
                problems=examples,
                problem_counts=counts,
            )
        )
    except duckdb.InvalidInputException as error:
        raise refusal(
            register.document, "le fichier Parquet est abîmé : le produire à nouveau."
        ) from error
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise snapshots.refuse_full_disk(error) from error
    finally:
        if keeping is not None and keeping.folder.exists():
            keeping.discard()


def _is_parquet(document: Document) -> bool:
    return document.head.startswith(b"PAR1") and not document.member


def _is_contract_parquet(document: Document) -> bool:
    """A bare Parquet file with the columns of the contract as text or dates: taken as it is,
    without going through Python. Any other goes through the reader of the format."""
    if not _is_parquet(document):
        return False
    columns = parquet_columns(document.path)
    return set(REQUIRED_COLUMNS) <= set(columns) <= set(ALL_COLUMNS) and set(columns.values()) <= {
        "string",
        "large_string",
        "date32[day]",
        "null",
    }


def _digest(document: Document, digests: dict[Document, str]) -> str:
    """SHA-256 of a document, each file read once. Raises RefusedFile."""
    if document not in digests:
        try:
            with document.open() as stream:
                digests[document] = hashlib.file_digest(cast(BytesIO, stream), "sha256").hexdigest()
        except OSError as error:
            raise refusal(document, "fichier illisible sur le disque") from error
    return digests[document]


def _key(register: Register, digests: dict[Document, str], stated: Stated) -> str:
    parts = [
        _digest(register.document, digests),
        *sorted(_digest(companion, digests) for companion in register.companions),
        register.format.NAME,
        str(register.format.VERSION),
        str(judging.VERSION),
        duckdb.__version__,  # 64-bit keys come from its hash function
        str(stated.nature),
        str(stated.source),
        str(stated.uai),
        # formats without a UAI or a local number may take them from the name or its folder
        ""
        if _is_parquet(register.document)
        else f"{register.document.path.parent.name}/{register.document.label}",
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
