"""Letters as PDF or ODT. Names travel as data, never as markup: nothing in them is interpreted."""

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import odfdo
import qrcode  # type: ignore[import-untyped]
import qrcode.image.svg  # type: ignore[import-untyped]
import typst
from django.core.exceptions import ValidationError

from raccord.followup.letters.services import Written
from raccord.matching.wording import day

_SHEET = Path(__file__).parent / "letters.typ"
#: One after the other in memory: more is a mailing, to cut into classes.
MOST = 500


def as_data(written: list[Written]) -> dict[str, Any]:
    """What the sheet reads."""
    return {
        "letters": [
            {
                "sender": sender_lines(one),
                "recipient": [one.recipient.name, *one.recipient.address],
                "place": f"Le {day(one.on)}",
                "subject": one.subject,
                "paragraphs": paragraphs(one.body),
                "link": one.link,
                "square": _square(one.link) if one.link else "",
            }
            for one in written
        ]
    }


def sender_lines(one: Written) -> list[str]:
    """The school, as it heads its letters."""
    sender = one.sender
    commune = sender.commune.name if sender.commune else ""
    town = " ".join(part for part in (sender.postcode, commune) if part)
    return [line for line in (sender.name, sender.address, town, sender.phone) if line]


def paragraphs(body: str) -> list[str]:
    """Blocks of a text, apart by an empty line."""
    return [block.strip() for block in body.split("\n\n") if block.strip()]


def pdf(written: list[Written]) -> bytes:
    """Tagged for screen readers (PDF/UA-1), one page or more a person, ready for the window."""
    _check(written)
    return typst_pdf(_SHEET, as_data(written))


def typst_pdf(sheet: Path, data: dict[str, Any]) -> bytes:
    """A sheet of ours over data of anybody."""
    given = {"data": json.dumps(_cleaned_all(data), ensure_ascii=False)}
    compiled: Any = partial(
        typst.compile, sheet, root=sheet.parent, ignore_system_fonts=True, sys_inputs=given
    )
    try:
        return compiled(pdf_standards="ua-1")  # type: ignore[no-any-return]
    except typst.TypstError:
        # A name in letters that the font lacks: still tagged, without the mark of the standard.
        return compiled()  # type: ignore[no-any-return]


def _square(link: str) -> str:
    """The link to photograph, as SVG."""
    made = qrcode.make(link, image_factory=qrcode.image.svg.SvgPathImage, border=1)
    found = io.BytesIO()
    made.save(found)
    return found.getvalue().decode("utf-8")


#: Name -> properties of the paragraph, properties of the letters. The window of a DL envelope is on
#: the right, 45 mm from the top of a sheet folded in three.
_STYLES = {
    "Expediteur": ("", ""),
    "Expediteur suivant": ('fo:break-before="page"', ""),
    "Destinataire": ('fo:margin-left="90mm" fo:margin-top="12mm"', ""),
    "Destinataire suite": ('fo:margin-left="90mm"', ""),
    "Date": ('fo:margin-left="90mm" fo:margin-top="12mm" fo:margin-bottom="6mm"', ""),
    "Objet": ('fo:margin-bottom="4mm"', 'fo:font-weight="bold"'),
    "Texte": ('fo:margin-bottom="3mm"', ""),
}


def odt(written: list[Written]) -> bytes:
    """The same letters to retouch in a word processor."""
    _check(written)
    made = odfdo.Document("text")
    made.body.clear()
    made.language = "fr-FR"
    made.meta.title = "Courriers"
    for name, (block, letters) in _STYLES.items():
        made.insert_style(
            f'<style:style style:name="{_named(name)}" style:display-name="{name}" '
            f'style:family="paragraph"><style:paragraph-properties {block}/>'
            f'<style:text-properties fo:font-size="11pt" {letters}/></style:style>'
        )
    for rank, one in enumerate(written):
        head = ["Expediteur suivant" if rank else "Expediteur"]
        _lines(made, sender_lines(one), [*head, "Expediteur"])
        to = [one.recipient.name, *one.recipient.address]
        _lines(made, to, ["Destinataire", "Destinataire suite"])
        _lines(made, [f"Le {day(one.on)}"], ["Date"])
        if one.subject:
            _lines(made, [f"Objet : {one.subject}"], ["Objet"])
        _lines(made, paragraphs(one.body), ["Texte"])
    found = io.BytesIO()
    made.save(found)
    return found.getvalue()


def _named(style: str) -> str:
    return style.replace(" ", "_20_")


def _lines(made: Any, lines: list[str], styles: list[str]) -> None:
    """The first line in the first style, the others in the last."""
    for rank, line in enumerate(lines):
        style = styles[min(rank, len(styles) - 1)]
        made.body.append(odfdo.Paragraph(cleaned(line), style=_named(style)))


def cleaned(line: str) -> str:
    """Without the signs that XML refuses."""
    return "".join(
        c for c in line if c in "\n\t" or (ord(c) >= 32 and ord(c) not in (0xFFFE, 0xFFFF))
    )


def _cleaned_all(data: Any) -> Any:
    if isinstance(data, str):
        return cleaned(data)
    if isinstance(data, dict):
        return {key: _cleaned_all(value) for key, value in data.items()}
    return [_cleaned_all(one) for one in data] if isinstance(data, list) else data


def _check(written: list[Written]) -> None:
    if not written:
        raise ValidationError("Aucun courrier à imprimer.")
    if len(written) > MOST:
        raise ValidationError(
            f"{len(written)} courriers d’un coup, c’est trop : {MOST} au plus. Filtrez par classe."
        )
