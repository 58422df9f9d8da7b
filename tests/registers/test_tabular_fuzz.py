"""Broken tables: no crash, no hang, a clear French sentence, bounded memory."""

import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registers.reading_of import document, reading_of, workbook

from raccord.registers.formats import (
    Format,
    Reading,
    cells,
    delimited,
    dossier_apprenant,
    eleves_complete,
    fregata,
    plain,
    sifa,
)
from raccord.registers.problems import ProblemLog, RefusedFile, Severity

FORMATS: tuple[Format, ...] = (fregata, dossier_apprenant, sifa, eleves_complete, plain)
PLAIN = (
    "identifiant_local;nom_famille;prenom;date_naissance;ine;adresse\n"
    '1;LE GOFF;Léa;2008-02-01;990000001EB;"1 rue\nBât. 2"\n'
    "2;N'DIAYE;Tom;15/11/2007;;5\" rue\n"
)
FREGATA = (
    "Identifiant unique*;Premier prénom*;Nom de famille*;Code sexe*;"
    "Date de naissance (jj/mm/aaaa)*;Statut*\n990000001EB;Léa;LE GOFF;2;01/02/2008;ST\n"
)
DOSSIER = (
    "nom_apprenant *;prenom_apprenant *;date_de_naissance_apprenant *;date_entree_formation *;"
    "date_fin_formation *;contrat_date_debut **;contrat_date_fin_2**;annee_scolaire *\n"
    "Perrin;Gaston;24/01/2008;2025-09-01;2026-08-31;2025-10-01;2026-01-01;2025-2026\n"
)
SIFA = "NUMERO_UAI;NOM;PRENOM1;DATE_NAIS;DATE_RUPT_CONT\n0440001M;MOREAU;Enzo;01092008;01122025\n"
FLAT = (
    "Id National;Nom de famille;Prénom;Date Naissance;Motif Sortie\n;LE GOFF;Léa;39479;Démission\n"
)
TEXTS = ((plain, PLAIN), (fregata, FREGATA), (dossier_apprenant, DOSSIER), (sifa, SIFA),
         (eleves_complete, FLAT))  # fmt: skip


def parquet() -> bytes:
    content = io.BytesIO()
    pq.write_table(
        pa.table({c: ["a", "b"] * 50 for c in ("nom_famille", "prenom", "date_naissance")}), content
    )
    return content.getvalue()


def sheet() -> bytes:
    return workbook([line.split(";") for line in DOSSIER.splitlines()])


def checked(format_: Format, content: bytes) -> None:
    """Read or refused; never anything else, and every sentence can be shown."""
    format_.recognises(document(content))
    try:
        found = reading_of(format_, content)
    except RefusedFile as refusal:
        sentences = [str(refusal)]
    else:
        assert found.rows
        sentences = [p.message for p in found.problems]
        for row in found.rows:
            assert all(v == v.strip() and v for v in row.values() if isinstance(v, str))
        for problem in found.problems:
            assert len(problem.identity) < 150
            assert len(problem.value) < 100
            if problem.severity is Severity.REJECTED:
                assert problem.line
    for sentence in sentences:
        assert 10 < len(sentence) < 600
        assert "Traceback" not in sentence
        assert "Error" not in sentence


def mutations(content: bytes, seed: int) -> bytes:
    """One to six accidents: bytes changed, removed, doubled, cut, quoted."""
    chance = random.Random(seed)
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(7):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + chance.randint(1, 30)]
            case 2:
                data[at:at] = data[at : at + chance.randint(1, 200)]
            case 3:
                data[at:at] = chance.choice([b'"', b";", b"\n", b"\r", b"\x00", b"\xff\xfe", b'""'])
            case 4:
                del data[at:]
            case 5:
                data[at:at] = chance.choice(
                    [b"9" * 400, b"\xc3", b"1E+99", b"-" * 50, "ſ".encode()]
                )
            case _:
                data = data.replace(b";", chance.choice([b",", b"\t", b"|", b";;", b""]), 3)
    return bytes(data)


@pytest.mark.parametrize(("format_", "text"), TEXTS, ids=[f.NAME for f, _ in TEXTS])
def test_accidents_in_text(format_: Format, text: str) -> None:
    for seed in range(400):
        encoding = ("utf-8", "cp1252", "utf-16", "utf-8-sig")[seed % 4]
        checked(format_, mutations(text.encode(encoding), seed))


@pytest.mark.parametrize(("format_", "made"), [(dossier_apprenant, sheet), (plain, parquet)])
def test_accidents_in_binary(format_: Format, made: Callable[[], bytes]) -> None:
    content = made()
    for seed in range(150):
        checked(format_, mutations(content, seed))


def test_accidents_inside_a_workbook() -> None:
    source = zipfile.ZipFile(io.BytesIO(sheet()))
    for seed in range(150):
        damaged = random.Random(seed).choice(source.namelist())
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in source.namelist():
                data = source.read(name)
                archive.writestr(name, mutations(data, seed) if name == damaged else data)
        checked(dossier_apprenant, content.getvalue())


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_after_a_header(tail: bytes) -> None:
    checked(plain, PLAIN.encode() + tail)
    for format_ in FORMATS:
        # A workbook that nobody can open goes to `plain`, which says why.
        broken_workbook = format_ is plain and tail.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
        assert broken_workbook or not format_.recognises(document(tail))


@given(st.text(max_size=40))
def test_any_text_as_a_cell(text: str) -> None:
    day = cells.iso_day(text)
    assert day is None or day
    cells.as_day(text)
    cells.uai(text)
    cells.insee(text)
    cells.country(text)
    cells.school_year(text)
    cells.sex(text)
    cells.folded_label(text)


def test_memory_does_not_follow_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 1 << 18)
    row = PLAIN.splitlines()[-1].replace('"', "") + "\n"
    header = PLAIN.splitlines()[0] + "\n"
    peaks = []
    for count in (60_000, 240_000):
        data = document(header + row * count)
        tracemalloc.start()
        before = pa.total_allocated_bytes()
        most = 0
        for batch in plain.read(Reading(data, ProblemLog())):
            most = max(most, pa.total_allocated_bytes() - before)
            assert batch.num_rows
        peaks.append(most + tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + (1 << 20)


def test_everything_open_is_linear() -> None:
    """Thousands of quotes never closed: each line is read again a bounded number of times."""
    rows = "".join(f'{n};"A;x;2008-01-01;;\n' for n in range(4_000))
    found = reading_of(plain, PLAIN.splitlines()[0] + "\n" + rows)
    assert len(found.rows) + sum(p.severity is Severity.REJECTED for p in found.problems) >= 500
