"""Broken XML in every manner: no crash, no hang, one clear line in French, bounded memory."""

import io
import random
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registers.siecle_files import division, document, export, pupil, zipped
from tests.registers.test_private_import import LEAVING, STAYING, upload
from tests.registers.test_siecle_companions import NOMENCLATURE, new_link, representatives

from raccord.registers.containers import expand
from raccord.registers.documents import HEAD_SIZE, Document
from raccord.registers.formats import Reading, private_import, siecle
from raccord.registers.formats.xml_stream import root_name
from raccord.registers.problems import ProblemLog, RefusedFile
from raccord.registers.recognition import pair_companions, recognise, why_not

SIECLE = export(
    [pupil(number, ADRESSE_ID=str(number), TRUC="é") for number in range(20)],
    [division(number, ("3 A", "D"), ("g", "G")) for number in range(20)],
    [
        f'<ADRESSE ADRESSE_ID="{number}"><LIGNE1_ADRESSE>rue</LIGNE1_ADRESSE></ADRESSE>'
        for number in range(20)
    ],
).encode("iso-8859-15")
PRIVATE = upload(STAYING, LEAVING, LEAVING).encode("iso-8859-15")
COMPANIONS = (
    document(NOMENCLATURE, "nomenclature.xml"),
    document(representatives(new_link(1, "1")), "responsables.xml"),
)
SOURCES = [SIECLE, PRIVATE]


def outcome(source: Document, *companions: Document) -> str | int:
    """The number of rows, or the message of the refusal."""
    try:
        found = recognise(source)
        if found is None:
            reason = why_not(source)
            assert reason
            return reason
        assert not isinstance(found, str) or found.value
        if isinstance(found, str):
            return found.value
        reading = Reading(source, ProblemLog(), companions=companions)
        return sum(batch.num_rows for batch in found.read(reading))
    except RefusedFile as error:
        assert "\n" not in str(error)
        assert error.reason
        return str(error)


@given(st.sampled_from(SOURCES), st.data())
def test_truncated_anywhere(content: bytes, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(content.rstrip()) - 1))
    assert isinstance(outcome(document(content[:end])), str)  # never rows


@given(
    st.sampled_from(SOURCES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_bytes_flipped(content: bytes, flips: list[tuple[float, int]]) -> None:
    broken = bytearray(content)
    for where, value in flips:
        broken[int(where * (len(broken) - 1))] = value
    outcome(document(bytes(broken)), *COMPANIONS)


@given(
    st.sampled_from(SOURCES), st.floats(0, 1), st.floats(0, 1), st.integers(0, 400), st.booleans()
)
def test_pieces_moved_or_repeated(
    content: bytes, start: float, to: float, size: int, keep: bool
) -> None:
    at = int(start * len(content))
    piece = content[at : at + size]
    rest = content if keep else content[:at] + content[at + size :]
    there = int(to * len(rest))
    outcome(document(rest[:there] + piece + rest[there:]), *COMPANIONS)


@given(st.binary(max_size=300))
def test_anything_at_all(content: bytes) -> None:
    outcome(document(content))
    root_name(content)


@given(st.binary(max_size=200))
def test_anything_after_the_root(content: bytes) -> None:
    outcome(document(b"<?xml version='1.0' encoding='ISO-8859-15'?><BEE_ELEVES>" + content))


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_in_a_field_comes_out_or_is_refused(name: str, town: str) -> None:
    text = export([pupil(NOM_DE_FAMILLE=f"x{name}", VILLE_NAISS=town)], declared="UTF-8")
    outcome(document(text.encode("utf-8", "surrogatepass")))


@given(st.integers(0, 2**32))
def test_a_broken_companion_never_crashes(seed: int) -> None:
    dice = random.Random(seed)
    content = bytearray(representatives(new_link(1, "1")).encode("iso-8859-15"))
    for _ in range(3):
        content[dice.randrange(len(content))] = dice.randrange(256)
    outcome(document(SIECLE), document(bytes(content), "responsables.xml"))


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=10), st.floats(0.3, 1))
def test_broken_archives(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[float, int]], kept: float
) -> None:
    content = bytearray(
        zipped({"dossier/a.xml": SIECLE, "b.xml": NOMENCLATURE, "c.zip": zipped({"d": "e"})})
    )
    content = content[: int(kept * len(content)) + 1]
    for where, value in flips:
        content[int(where * (len(content) - 1))] = value
    path = tmp_path_factory.getbasetemp() / "fuzz.zip"
    path.write_bytes(bytes(content))
    refused: list[RefusedFile] = []
    sorting = pair_companions(expand(path, refused))
    for register in sorting.registers:
        outcome(register.document, *register.companions)
    assert refused or sorting.refused or sorting.registers or sorting.orphans


# --- attacks: bounded memory ---------------------------------------------------------------------


class Endless(io.RawIOBase):
    """A file of `size` bytes made as it is read: a prefix, then a pattern."""

    def __init__(self, prefix: bytes, pattern: bytes, size: int) -> None:
        self._parts = self._make(prefix, pattern)
        self._left = size
        self.given = 0
        self._rest = b""

    @staticmethod
    def _make(prefix: bytes, pattern: bytes) -> Iterator[bytes]:
        yield prefix
        block = pattern * (2**20 // len(pattern) + 1)
        while True:
            yield block

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            self._rest += next(self._parts)
        size = min(size, self._left)
        chunk, self._rest = self._rest[:size], self._rest[size:]
        self._left -= len(chunk)
        self.given += len(chunk)
        return chunk


def endless(prefix: bytes, pattern: bytes, size: int = 2**30) -> tuple[Document, list[Endless]]:
    streams: list[Endless] = []

    def open_() -> Endless:
        streams.append(Endless(prefix, pattern, size))
        return streams[-1]

    head = (prefix + pattern * (HEAD_SIZE // len(pattern) + 1))[:HEAD_SIZE]
    return Document(Path("geant.xml"), "", size, open_, head), streams  # type: ignore[arg-type]


START = b"<?xml version='1.0' encoding='UTF-8'?>\n<BEE_ELEVES><DONNEES><ELEVES>"


@pytest.mark.parametrize(
    ("prefix", "pattern"),
    [
        (START + b"<ELEVE><PRENOM>", b"x"),  # a line, a field of 1 GB
        (START + b"<ELEVE>", b"<PRENOM/>"),  # a pupil that never ends
        (START, b"<INCONNU>x</INCONNU>"),  # blocks nobody knows
        (START, b" "),
        (START + b"<!--", b"x"),
        (START + b"<ELEVE ELEVE_ID='", b"x"),
        (START, b"<a>"),  # deeper and deeper
        (START + b"<ELEVE>", b"<a>"),
        (b"<BEE_ELEVES ", b"a='1' "),
    ],
    ids=["line", "pupil", "blocks", "blanks", "comment", "attribute", "deep", "deeper", "names"],
)
def test_a_gigabyte_is_refused_after_a_few_megabytes(prefix: bytes, pattern: bytes) -> None:
    source, streams = endless(prefix, pattern)
    tracemalloc.start()
    try:
        message = outcome(source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(message, str)
    assert message.startswith("geant.xml")
    assert sum(stream.given for stream in streams) <= 24 * 2**20
    assert peak < 100 * 2**20


def test_a_field_longer_than_any_is_cut() -> None:
    text = export([pupil(PRENOM="é" * 2_000_000, NOM_DE_FAMILLE="x" * 5_000)])
    reading = Reading(document(text), ProblemLog())
    (batch,) = siecle.read(reading)
    assert batch["prenom"][0].as_py() == "é" * 300
    assert len(batch["nom_famille"][0].as_py()) <= 5_000


def test_millions_of_empty_pupils_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siecle, "MOST_PUPILS", 15_000)
    source, _ = endless(START, b"<ELEVE/>", 2**22)
    assert "invraisemblable" in str(outcome(source))


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>',
    ],
)
@pytest.mark.parametrize("encode", ["utf-8", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("root", ["BEE_ELEVES", "IMPORT_ELEVES"])
def test_entities_are_refused_whatever_the_encoding(bomb: str, encode: str, root: str) -> None:
    text = f"<?xml version='1.0'?>{bomb}<{root}><DONNEES><ELEVE><PRENOM>&b;</PRENOM></ELEVE>"
    message = outcome(document(f"{text}</DONNEES></{root}>".encode(encode)))
    assert "DOCTYPE" in str(message)


@pytest.mark.parametrize("encoding", ["UTF-7", "UTF-32", "EBCDIC-CP-FR", "n'importe", "x" * 30])
def test_exotic_encodings(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><BEE_ELEVES><ELEVE/></BEE_ELEVES>"
    outcome(document(text.encode()))


@pytest.mark.parametrize("module", [siecle, private_import])
def test_memory_does_not_grow_with_the_scholarships(module: Callable[..., object]) -> None:
    """Blocks that are read past leave nothing behind, however long the file is."""
    root = b"BEE_ELEVES" if module is siecle else b"IMPORT_ELEVES"
    pupils = b"<ELEVE><PRENOM>Lea</PRENOM></ELEVE>"
    block = b"<BOURSE><CODE_BOURSE>B</CODE_BOURSE></BOURSE><OPTION><X>1</X></OPTION>"
    content = b"<" + root + b"><DONNEES><ELEVES>" + pupils + b"</ELEVES><BOURSES>"
    content += block * 60_000 + b"</BOURSES></DONNEES></" + root + b">"
    assert outcome(document(content)) == 1
