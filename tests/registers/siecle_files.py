"""SIECLE files made in code, with invented people, for the tests of the readers."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa

from raccord.registers.documents import HEAD_SIZE, Document
from raccord.registers.formats import Format, Reading
from raccord.registers.problems import ProblemLog

UAI = "0352387E"
Fields = Mapping[str, str | None]

BASIC: Fields = {
    "ID_NATIONAL": "990000001EB",
    "INE_RNIE": "990000001EB",
    "ELENOET": "17",
    "NOM_DE_FAMILLE": "LE GOFF",
    "PRENOM": "Maëlys",
    "DATE_NAISS": "27/05/2008",
    "CODE_PAYS": "100",
    "VILLE_NAISS": "",
    "CODE_SEXE": "2",
    "CODE_STATUT": "ST",
    "CODE_MEF": "20211011110",
    "CODE_COMMUNE_INSEE_NAISS": "35238",
    "DATE_ENTREE": "01/09/2023",
}


def tags(fields: Fields) -> str:
    """Elements in order; a key "@X" is left to the parent, a value None is left out, text that
    begins with "<" is kept as XML."""
    out = []
    for tag, value in fields.items():
        if tag.startswith("@") or value is None:
            continue
        out.append(f"<{tag}>{value if value.startswith('<') else escape(value)}</{tag}>")
    return "\n".join(out)


def pupil(number: int = 1, /, **changes: str | None) -> str:
    """One ELEVE of number `number`; `changes` add, replace or (None) remove fields."""
    fields = {**BASIC, **changes}
    attribute = fields.get("@ELENOET")
    elenoet = f' ELENOET="{attribute}"' if attribute else ""
    return f'<ELEVE ELEVE_ID="{number}"{elenoet}>\n{tags(fields)}\n</ELEVE>'


def division(number: int, *codes: tuple[str, str]) -> str:
    """The structures of one pupil: ("3 A", "D"), ("_3A1", "G")..."""
    inner = "".join(
        f"<STRUCTURE><CODE_STRUCTURE>{escape(code)}</CODE_STRUCTURE>"
        f"<TYPE_STRUCTURE>{kind}</TYPE_STRUCTURE></STRUCTURE>"
        for code, kind in codes
    )
    return f'<STRUCTURES_ELEVE ELEVE_ID="{number}">{inner}</STRUCTURES_ELEVE>'


def parameters(uai: str | None = UAI, year: str = "2025", on: str = "06/07/2026") -> str:
    return (
        "<PARAMETRES>"
        + tags(
            {
                "UAJ": uai,
                "ANNEE_SCOLAIRE": year,
                "DATE_EXPORT": on,
                "HORODATAGE": f"{on} 19:01:46",
            }
        )
        + "</PARAMETRES>"
    )


def export(
    pupils: Iterable[str],
    divisions: Iterable[str] = (),
    addresses: Iterable[str] = (),
    *,
    root: str = "BEE_ELEVES",
    head: str = "",
    declared: str = "ISO-8859-15",
    options: str = "",
) -> str:
    """A whole export, as text."""
    lines = [
        f'<?xml version="1.0" encoding="{declared}"?>',
        f'<{root} VERSION="3.0">',
        head or parameters(),
        "<DONNEES><ELEVES>",
        *pupils,
        f"</ELEVES><OPTIONS>{options}</OPTIONS><STRUCTURES>",
        *divisions,
        "</STRUCTURES><BOURSES/><ADRESSES>",
        *addresses,
        "</ADRESSES></DONNEES>",
        f"</{root}>",
    ]
    return "\n".join(lines)


def document(content: bytes | str, name: str = "export.xml", member: str = "") -> Document:
    """A document in memory; text is encoded in ISO-8859-15 as SIECLE does."""
    data = content.encode("iso-8859-15") if isinstance(content, str) else content
    return Document(Path(name), member, len(data), lambda: io.BytesIO(data), data[:HEAD_SIZE])


def read(
    module: Format, content: bytes | str | Document, *companions: Document
) -> tuple[list[dict[str, object]], Reading]:
    """Rows without their null values, and the reading with its header and problems."""
    source = content if isinstance(content, Document) else document(content)
    reading = Reading(source, ProblemLog(), companions=companions)
    batches = list(module.read(reading))
    rows = pa.Table.from_batches(batches).to_pylist()
    return [
        {name: value for name, value in row.items() if value is not None} for row in rows
    ], reading


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    """A zip in memory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            data = content.encode("iso-8859-15") if isinstance(content, str) else content
            archive.writestr(name, data)
    return buffer.getvalue()
