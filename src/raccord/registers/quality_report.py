"""The quality of registers shown to a person: in the terminal, as one page, as rows to correct."""

import csv
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from raccord.registers.quality import (
    CORRECTION_COLUMNS,
    FileQuality,
    Finding,
    QualityResult,
)
from raccord.registers.quality_rules import IMPORTANCE_LABELS, Importance

#: Young people named in the page; beyond, only the counts (and the CSV) speak.
NAMED_IN_PAGE = 5_000
#: Files detailed one by one in the terminal; a territory has hundreds.
DETAILED_IN_TERMINAL = 12

#: A cell that begins so is a formula for a spreadsheet: a quote in front makes it a text.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def number(value: int) -> str:
    """1234 as « 1 234 », the space being narrow and unbreakable."""
    return f"{value:,}".replace(",", "\u202f")


def percent(share: float) -> str:
    """0.0123 as « 1,2 % »; a share that is not null is never shown as zero."""
    if 0 < share < 0.001:
        return "moins de 0,1\u00a0%"
    return f"{100 * share:.1f}\u00a0%".replace(".", ",")


def day(iso: str) -> str:
    """AAAA-MM-JJ as JJ/MM/AAAA."""
    return "/".join(reversed(iso.split("-")))


def headline(result: QualityResult) -> str:
    """One sentence: how much there is to correct."""
    total = sum(f.to_correct for f in result.files)
    if not result.files:
        return "Aucune base n'a pu être lue"
    if not total:
        return "Rien à corriger dans ces bases"
    return f"{number(total)} {'point' if total == 1 else 'points'} à corriger"


def _counted(count: int, one: str, many: str) -> str:
    return f"{number(count)} {one if count <= 1 else many}"


def _summary(result: QualityResult) -> str:
    share = f" ({percent(result.without_ine / result.rows)})" if result.rows else ""
    return (
        f"{_counted(len(result.files), 'fichier', 'fichiers')}, "
        f"{_counted(result.rows, 'inscription', 'inscriptions')}, "
        f"{_counted(result.without_ine, 'élève présent sans INE', 'élèves présents sans INE')}"
        f"{share}, au {day(result.as_of.isoformat())}."
    )


def _described(file: FileQuality) -> str:
    parts = [file.format_label]
    if file.uais:
        some = ", ".join(file.uais[:3])
        more = f" et {number(len(file.uais) - 3)} autres" if len(file.uais) > 3 else ""
        parts.append(some + more)
    if file.school_year:
        parts.append(f"année {file.school_year}-{file.school_year + 1}")
    if file.exported_on:
        parts.append(f"exporté le {day(file.exported_on)}")
    parts.append(
        f"{_counted(file.rows, 'ligne', 'lignes')} dont "
        f"{_counted(file.present, 'inscription en cours', 'inscriptions en cours')}"
    )
    return " · ".join(parts)


# --- terminal ------------------------------------------------------------------------------------


def terminal(result: QualityResult) -> str:
    """The report as plain text, aligned, without colour."""
    lines = [f"Qualité des bases : {headline(result)}", _summary(result)]
    for refusal in result.refused:
        lines.append(f"  refusé : {refusal}")
    dearest = sorted(result.files, key=lambda f: -f.to_correct)[:DETAILED_IN_TERMINAL]
    for file in [f for f in result.files if f in dearest]:
        lines += ["", *_file_lines(file)]
    if len(result.files) > len(dearest):
        others = len(result.files) - len(dearest)
        lines += ["", f"et {_counted(others, 'autre fichier', 'autres fichiers')} : voir la page."]
    lines += [f"  note : {notice}" for notice in result.notices]
    return "\n".join(lines)


def _file_lines(file: FileQuality) -> Iterator[str]:
    yield f"{file.label}"
    yield f"  {_described(file)}"
    if not file.findings:
        yield "  Rien à corriger."
    width = max((len(number(f.count)) for f in file.findings), default=1)
    for importance in Importance:
        group = [f for f in file.findings if f.importance is importance]
        if group:
            yield f"  {IMPORTANCE_LABELS[importance]}"
        for finding in group:
            share = f" ({percent(finding.share)})" if finding.share else ""
            indent = " " * (width + 6)
            yield f"    {number(finding.count):>{width}}  {finding.title}{share}"
            if finding.cost:
                yield f"{indent}{finding.cost}"
            yield f"{indent}→ {finding.remedy}"
    for notice in file.notices:
        yield f"  note : {notice}"


# --- page ----------------------------------------------------------------------------------------


def page(result: QualityResult) -> str:
    """The report as one self-contained HTML page."""
    template = Template(files("raccord.registers").joinpath("quality_page.html").read_text("utf-8"))
    return template.substitute(
        day=escape(day(result.as_of.isoformat())),
        headline=escape(headline(result)),
        body="\n".join(_body(result)),
    )


def _body(result: QualityResult) -> Iterator[str]:
    yield f'<p class="lede">{escape(_summary(result))}</p>'
    if result.compared:
        yield (
            '<p class="soft">Comparé à un état antérieur des mêmes fichiers : les élèves qui en '
            "ont disparu sont signalés.</p>"
        )
    if result.refused:
        yield '<section class="refused"><h2>Fichiers refusés</h2><ul>'
        yield from (f"<li>{escape(str(refusal))}</li>" for refusal in result.refused)
        yield "</ul></section>"
    if len(result.files) > 1:
        yield from _contents(result)
    named = 0
    for rank, file in enumerate(result.files, start=1):
        examples = sum(len(f.examples) for f in file.findings)
        named += examples
        yield from _section(file, rank, with_names=named <= NAMED_IN_PAGE)
    if result.notices:
        yield "<h2>Remarques</h2><ul>"
        yield from (f"<li>{escape(notice)}</li>" for notice in result.notices)
        yield "</ul>"


def _contents(result: QualityResult) -> Iterator[str]:
    yield (
        '<div class="wide"><table><caption>Fichier par fichier</caption><thead><tr>'
        '<th scope="col">Fichier</th><th scope="col">Base</th>'
        '<th scope="col" class="n">Lignes</th><th scope="col" class="n">Sans INE</th>'
        '<th scope="col" class="n">À corriger</th></tr></thead><tbody>'
    )
    for rank, file in enumerate(result.files, start=1):
        share = percent(file.without_ine / file.present) if file.present else "–"
        yield (
            f'<tr><th scope="row"><a href="#f{rank}">{escape(file.label)}</a></th>'
            f"<td>{escape(file.format_label)}</td>"
            f'<td class="n">{number(file.rows)}</td><td class="n">{share}</td>'
            f'<td class="n">{number(file.to_correct)}</td></tr>'
        )
    yield "</tbody></table></div>"


def _section(file: FileQuality, rank: int, *, with_names: bool) -> Iterator[str]:
    yield f'<section aria-labelledby="f{rank}">'
    yield f'<h2 id="f{rank}">{escape(file.label)}</h2>'
    yield f'<p class="soft">{escape(_described(file))}</p>'
    if not file.findings:
        yield '<p class="good">Rien à corriger dans ce fichier.</p>'
    for importance in Importance:
        group = [f for f in file.findings if f.importance is importance]
        if group:
            yield f"<h3>{IMPORTANCE_LABELS[importance]}</h3>"
            yield f'<ol class="findings{" first" if importance is Importance.FIRST else ""}">'
            for finding in group:
                yield from _finding(finding, with_names=with_names)
            yield "</ol>"
    if file.notices:
        yield "<h3>Remarques sur le fichier</h3><ul>"
        yield from (f"<li>{escape(notice)}</li>" for notice in file.notices)
        yield "</ul>"
    yield "</section>"


def _finding(finding: Finding, *, with_names: bool) -> Iterator[str]:
    share = f' <span class="soft">({percent(finding.share)})</span>' if finding.share else ""
    yield (f'<li><p class="what"><b>{number(finding.count)}</b> {escape(finding.title)}{share}</p>')
    if finding.cost:
        yield f'<p class="cost soft">{escape(_sentence(finding.cost))}</p>'
    yield f'<p class="fix">À faire : {escape(finding.remedy)}.</p>'
    if with_names and finding.examples:
        shown = len(finding.examples)
        which = (
            "Voir la ligne"
            if finding.count == 1
            else f"Voir {shown} lignes sur {number(finding.count)}"
        )
        if finding.count == shown > 1:
            which = f"Voir les {shown} lignes"
        label = escape(f"{which} : {finding.title}", quote=True)
        yield (
            f'<details><summary aria-label="{label}">{escape(which)}</summary>'
            '<table class="examples"><thead><tr><th scope="col" class="n">Ligne</th>'
            '<th scope="col">Élève</th><th scope="col">Valeur</th></tr></thead><tbody>'
        )
        for example in finding.examples:
            yield (
                f'<tr><td class="n">{example.line or "–"}</td>'
                f"<td>{escape(example.identity) or '–'}</td><td>{escape(example.value) or '–'}</td>"
                "</tr>"
            )
        yield "</tbody></table></details>"
    yield "</li>"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith("?") else ".")


# --- files ---------------------------------------------------------------------------------------


def write_page(result: QualityResult, path: Path) -> None:
    """Write the page, readable by its owner only: it names minors."""
    _private(path)
    path.write_text(page(result), "utf-8")


def write_corrections(result: QualityResult, path: Path) -> None:
    """Write every row to correct as CSV (UTF-8 with a byte-order mark, `;`), for a spreadsheet."""
    _private(path)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(CORRECTION_COLUMNS)
        for batch in result.corrections.to_batches(max_chunksize=10_000):
            columns = [batch.column(name).to_pylist() for name in CORRECTION_COLUMNS]
            writer.writerows([_cell(v) for v in row] for row in zip(*columns, strict=True))


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return "'" + value
    return "" if value is None else value


def _private(path: Path) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
