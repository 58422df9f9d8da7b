import gzip
import io
import os
import pickle
import zipfile
import zlib
from pathlib import Path

import pytest
from tests.registers.siecle_files import document, export, pupil, zipped

from raccord.registers import containers
from raccord.registers.containers import expand, is_ignored, refusal
from raccord.registers.documents import HEAD_SIZE
from raccord.registers.problems import RefusedFile

XML = export([pupil()])


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("iso-8859-15") if isinstance(content, str) else content)
    return path


def labels(path: Path) -> list[str]:
    return [found.label for found in expand(path)]


def reason(path: Path) -> str:
    with pytest.raises(RefusedFile) as caught:
        for found in expand(path):
            with found.open() as stream:
                while stream.read(2**20):
                    pass
    text = str(caught.value)
    assert "\n" not in text
    assert path.name in text
    return text


def test_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, "export.xml", XML)
    (found,) = expand(path)
    assert (found.path, found.member, found.size) == (path, "", len(XML.encode("iso-8859-15")))
    assert found.head == XML.encode("iso-8859-15")[:HEAD_SIZE]
    for _ in range(2):  # opened as often as needed
        with found.open() as stream:
            assert stream.read() == XML.encode("iso-8859-15")


def test_a_folder_is_read_in_order_without_what_is_not_a_register(tmp_path: Path) -> None:
    for name in (
        "b/export.xml",
        "a.csv",
        "README.md",
        "README",
        "simulation.json",
        "truth.parquet",
        ".caché/x.xml",
        "b/~$classeur.xlsx",
        "b/Thumbs.db",
        "b/.DS_Store",
    ):
        write(tmp_path, name, XML)
    assert [str(found.path.relative_to(tmp_path)) for found in expand(tmp_path)] == [
        "a.csv",
        "b/export.xml",
    ]
    # Given by name, a file is always read.
    assert labels(tmp_path / "README") == ["README"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "export.xml", XML)
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert labels(tmp_path) == ["export.xml"]


def test_an_empty_folder_a_missing_file_a_pipe(tmp_path: Path) -> None:
    assert "aucun fichier" in reason(tmp_path)
    assert "introuvable" in reason(tmp_path / "absent.xml")
    os.mkfifo(tmp_path / "tube")
    assert "fichier ordinaire" in reason(tmp_path / "tube")


def test_every_reason_is_listed_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a.zip", b"PK\x03\x04 pas un zip")
    write(tmp_path, "b.xml", XML)
    write(tmp_path, "c.zip", zipped({"x.xml": XML})[:-30])
    refused: list[RefusedFile] = []
    assert [found.label for found in expand(tmp_path, refused)] == ["b.xml"]
    assert [error.path.name for error in refused] == ["a.zip", "c.zip"]


def test_a_zip_with_folders_and_two_exports(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "ExportXML_x.zip",
        zipped(
            {
                "dossier/": b"",
                "dossier/b.xml": XML,
                "a.xml": XML,
                "__MACOSX/._a.xml": b"x",
                "Lisez-moi.txt": b"x",
            }
        ),
    )
    found = list(expand(path))
    assert [one.member for one in found] == ["a.xml", "dossier/b.xml"]
    assert [one.label for one in found] == [
        "ExportXML_x.zip (a.xml)",
        "ExportXML_x.zip (dossier/b.xml)",
    ]
    for _ in range(2):
        with found[1].open() as stream:
            assert stream.read().decode("iso-8859-15") == XML
    error = refusal(found[1], "raison", 3)
    assert str(error) == "ExportXML_x.zip (dossier › b.xml), ligne 3 : raison"


def test_a_document_of_a_zip_travels_between_processes(tmp_path: Path) -> None:
    path = write(tmp_path, "x.zip", zipped({"a.xml": XML}))
    (found,) = expand(path)
    with pickle.loads(pickle.dumps(found)).open() as stream:
        assert stream.read().decode("iso-8859-15") == XML


def test_a_zip_replaced_under_the_same_name_is_read_anew(tmp_path: Path) -> None:
    path = write(tmp_path, "x.zip", zipped({"a.xml": XML}))
    assert len(list(expand(path))) == 1
    write(tmp_path, "x.zip", zipped({"a.xml": XML, "b.xml": XML + " "}))
    assert len(list(expand(path))) == 2


def test_a_zip_in_a_zip(tmp_path: Path) -> None:
    inner = zipped({"Eleves.xml": XML})
    path = write(tmp_path, "academie.zip", zipped({"ecole1.zip": inner, "ecole2.zip": inner}))
    found = list(expand(path))
    assert [one.member for one in found] == ["ecole1.zip/Eleves.xml", "ecole2.zip/Eleves.xml"]
    for one in found:
        with one.open() as stream:
            assert stream.read().decode("iso-8859-15") == XML
    deeper = write(tmp_path, "profond.zip", zipped({"x.zip": zipped({"y.zip": inner})}))
    assert "emboîtées" in reason(deeper)


def test_a_workbook_is_not_a_container(tmp_path: Path) -> None:
    xlsx = zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})
    assert labels(write(tmp_path, "classeur.xlsx", xlsx)) == ["classeur.xlsx"]
    ods = zipped({"mimetype": "application/x", "content.xml": "<x/>"})
    assert labels(write(tmp_path, "classeur.ods", ods)) == ["classeur.ods"]
    nested = zipped({"a/ElevesComplete.xlsx": xlsx})
    assert labels(write(tmp_path, "x.zip", nested)) == ["x.zip (a/ElevesComplete.xlsx)"]


def test_gzip(tmp_path: Path) -> None:
    path = write(tmp_path, "export.xml.gz", gzip.compress(XML.encode("iso-8859-15")))
    (found,) = expand(path)
    assert found.member == "export.xml"
    with found.open() as stream:
        assert stream.read().decode("iso-8859-15") == XML
    assert "endommagé" in reason(write(tmp_path, "y.gz", path.read_bytes()[:-20]))
    bomb = gzip.compress(bytes(64 * 2**20))
    assert "démesuré" in reason(write(tmp_path, "z.gz", bomb))


# --- archives that must be refused ---------------------------------------------------------------


def test_password(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.xml": XML}))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    assert "mot de passe" in reason(write(tmp_path, "x.zip", bytes(data)))


@pytest.mark.parametrize("name", ["../a.xml", "x/../../a.xml", "/etc/a.xml", "C:\\a.xml", "..\\a"])
def test_path_traversal(tmp_path: Path, name: str) -> None:
    assert "dangereux" in reason(write(tmp_path, "x.zip", zipped({name: XML})))


def test_zip_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ratio = write(tmp_path, "ratio.zip", zipped({"a.xml": bytes(64 * 2**20)}))
    assert "démesurée" in reason(ratio)
    monkeypatch.setattr(containers, "MOST_BYTES", 10_000)
    total = write(tmp_path, "total.zip", zipped({"a.xml": os.urandom(20_000)}))
    assert "démesurée" in reason(total)
    monkeypatch.setattr(containers, "MOST_MEMBERS", 3)
    many = write(tmp_path, "many.zip", zipped({f"{number}.xml": "x" for number in range(4)}))
    assert "plus de 3 fichiers" in reason(many)
    monkeypatch.setattr(containers, "MOST_NESTED_BYTES", 100)
    nested = write(tmp_path, "nested.zip", zipped({"a.zip": zipped({"b.xml": XML})}))
    assert "trop grande" in reason(nested)


def test_members_that_overlap_are_a_bomb(tmp_path: Path) -> None:
    """The same compressed bytes announced under many names: only the real size counts."""
    content = zlib.compress(bytes(2**20), 9)[2:-4]
    checksum = zlib.crc32(bytes(2**20))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.xml", bytes(2**20))
        first = archive.infolist()[0]
        for number in range(1, 60):
            info = zipfile.ZipInfo(f"{number}.xml")
            info.header_offset, info.compress_type = first.header_offset, first.compress_type
            info.file_size, info.compress_size = 2**20, len(content)
            info.CRC = checksum
            archive.filelist.append(info)
            archive.NameToInfo[info.filename] = info
        archive._didModify = True  # type: ignore[attr-defined]
    assert reason(write(tmp_path, "x.zip", out.getvalue()))


def test_a_member_that_lies_about_its_size(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.xml": XML * 50}))
    for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(magic) + offset
        data[at : at + 4] = (100).to_bytes(4, "little")
    assert "endommagé" in reason(write(tmp_path, "x.zip", bytes(data)))


def test_corrupted_archives(tmp_path: Path) -> None:
    data = zipped({"a.xml": XML * 50})
    for name, broken in {
        "tronqué.zip": data[: len(data) // 2],
        "vide.zip": zipped({}),
        "seul.zip": b"PK\x03\x04",
        "abîmé.zip": data[:200] + bytes(50) + data[250:],
    }.items():
        assert reason(write(tmp_path, name, broken))


def test_unknown_compression_and_duplicate_names(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.xml": XML}))
    for magic, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.index(magic) + offset
        data[at : at + 2] = (99).to_bytes(2, "little")
    assert "illisible" in reason(write(tmp_path, "x.zip", bytes(data)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.xml", XML)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.xml", XML)
    assert "même nom" in reason(write(tmp_path, "y.zip", out.getvalue()))


@pytest.mark.parametrize(
    "name", [".x", "~$a.xlsx", "README.md", "truth_after.parquet", "LISEZMOI.txt", "rapport.html"]
)
def test_ignored_names(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize("name", ["licence_pro.csv", "truthful.csv", "a.xml", "élèves.csv"])
def test_names_that_are_read(name: str) -> None:
    assert not is_ignored(name)


def test_the_refusal_of_a_bare_document_names_the_file() -> None:
    assert str(refusal(document(XML, "a.xml"), "raison")) == "a.xml : raison"
