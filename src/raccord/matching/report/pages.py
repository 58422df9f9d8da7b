"""The parts of a page: headline, funnel, registers, schools, lists, questions."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from raccord.matching import wording
from raccord.matching.report.charts import Step, bar, funnel, histogram
from raccord.matching.report.people import Group, Listing, escaped
from raccord.matching.report.sections import PAGE_ORDER, SECTIONS
from raccord.matching.sources import source_name
from raccord.matching.wording import count, number, typeset

_BY_KEY = {section.key: section for section in SECTIONS}
#: Sections about young people whose enrolment was found nowhere, beside the main list.
_ASIDE = ("diplome", "jeunes-diplomes", "departs", "diplomes", "moins16", "age")
_SIDES = (
    ("after", "Bases d’aujourd’hui, où chaque jeune a été cherché"),
    ("before", "Bases d’avant, qui disent qui était inscrit"),
    ("diplomas", "Résultats d’examens"),
    ("followed", "Accompagnement"),
)
#: Beyond this many registers of one side, those without a warning are folded.
_REGISTERS_SHOWN = 12

Coverage = Sequence[Mapping[str, Any]]


def headline(persons: int, minors: int, freshness: str, where: str = "") -> str:
    """`<h1>` and the sentence on the registers, both true today."""
    place = f'<p class="lede"><b>{escaped(where)}</b></p>' if where else ""
    return (
        f"<h1>{wording.headline(persons, minors)}</h1>{place}"
        f'<p class="lede">{escaped(typeset(freshness))}</p>'
    )


_TABS = {section.key: escaped(section.tab) for section in SECTIONS}


def tabs(
    sizes: Mapping[str, int], others: Sequence[tuple[str, str]] = (), elsewhere: str = ""
) -> str:
    """Links to the lists, each with its number of young people. `elsewhere`: the part of the page
    that leads to them, when they are not in it."""
    links = [
        f'<li><a href="#{elsewhere or key}">{_TABS[key]} <b>{number(sizes[key])}</b></a></li>'
        for key in PAGE_ORDER
        if sizes.get(key)
    ]
    links += [f'<li><a href="#{anchor}">{escaped(label)}</a></li>' for anchor, label in others]
    return f'<nav aria-label="Dans cette page"><ul>{"".join(links)}</ul></nav>'


def landmarks(schools: int) -> list[tuple[str, str]]:
    """The other parts of the main page that deserve a link."""
    parts = [("parcours", "D’où vient cette liste"), ("bases", "Bases lues")]
    return [*parts, ("etablissements", "Par établissement")] if schools > 1 else parts


def _lawful_exclusions(counts: Mapping[str, Any], by: str = "excluded_by") -> dict[str, int]:
    """Exclusions that may be told. Deaths are closed for everyone and appear nowhere."""
    excluded = counts.get(by) or {}
    return {key: int(excluded.get(key) or 0) for key in ("under_16", "age_unknown")}


def funnel_section(counts: Mapping[str, Any], sizes: Mapping[str, int], linked: bool) -> str:
    """From those who left to those nobody found. `linked`: the lists are in the same page."""
    steps: list[Step] = []
    left = int(counts.get("left") or 0)
    start = 0

    def add(label: str, value: int, tone: str, anchor: str = "", note: str = "") -> None:
        nonlocal start
        if value or tone == "go":
            link = f"#{anchor}" if linked and anchor and value else ""
            steps.append(Step(label, value, start, tone, link, note))
            start += value

    found = {str(by): int(n) for by, n in (counts.get("found_elsewhere_by") or {}).items()}
    for by in (*wording.MEANS, *sorted(set(found) - set(wording.MEANS))):
        add(wording.MEANS.get(by, f"Retrouvés : {by}"), found.get(by, 0), "found")
    add("À confirmer", int(counts.get("review") or 0), "review", "confirmer",
        "une inscription leur ressemble")  # fmt: skip
    # `excluded_by` also counts those who never left: they have no place in a funnel of leavers.
    add("Hors des listes", sum(_lawful_exclusions(counts, "excluded_left").values()), "out",
        "exclus", "moins de 16 ans, ou âge inconnu")  # fmt: skip
    for key in _ASIDE:
        add(_BY_KEY[key].title, sizes.get(key, 0), "aside", key, "listés à part")
    add("À vérifier", sizes.get("verifier", 0), "go", "verifier", "retrouvés nulle part")
    whole = max(left, start)
    steps.insert(0, Step("Sortis de leur établissement", left, 0, "whole"))
    saved = sum(found.values())
    before, stayed = (
        int(counts.get("before_persons") or 0),
        int(counts.get("found_same_school") or 0),
    )
    says = (
        f"Sur {count(before, 'jeune inscrit', 'jeunes inscrits')} avant, {number(stayed)} "
        f"{'est' if stayed < 2 else 'sont'} toujours dans leur établissement. "
        if before
        else ""
    )
    says += (
        f"{count(left, 'jeune en est sorti', 'jeunes en sont sortis')} : "
        f"{count(saved, 'retrouvé', 'retrouvés')} ailleurs sans un appel."
    )
    excluded = sum(_lawful_exclusions(counts).values())
    if excluded and "excluded_left" not in counts:
        says += (
            f" Les {number(excluded)} qui ont moins de 16 ans, ou dont l’âge est inconnu, sont "
            '<a href="#exclus">comptés à part</a>.'
        )
    return (
        f'<section id="parcours"><h2>D’où vient cette liste</h2><p class="says">{typeset(says)}</p>'
        f"{funnel(steps, whole, 'Des sorties aux jeunes à vérifier')}</section>"
    )


def _month(text: str) -> str:
    return f"{wording.MONTHS[int(text[5:7]) - 1]} {text[:4]}"


def charts_section(listing: Listing) -> str:
    """Ages, and months of leaving where most are known, of the main list."""
    ages = [(f"{age} ans" if age is not None else "Âge inconnu", n) for age, n in listing.ages]
    charts = [histogram("Âge des jeunes à vérifier", ages, "Âge")]
    known = [(month, n) for month, n in listing.months if month is not None]
    total = sum(n for _, n in listing.months)
    if sum(n for _, n in known) * 2 > total:
        recent = [(_month(month), n) for month, n in known[-12:]]
        if earlier := sum(n for _, n in known[:-12]):
            recent.insert(0, ("plus tôt", earlier))
        if unknown := total - sum(n for _, n in known):
            recent.append(("date non indiquée", unknown))
        charts.append(histogram("Mois de leur sortie", recent, "Mois"))
    shown = [chart for chart in charts if chart]
    return f'<div class="two">{"".join(shown)}</div>' if shown else ""


def _register_row(register: Mapping[str, Any]) -> str:
    status = register.get("status") or "ok"
    mark = {"ok": "", "late": " late"}.get(status, " bad")
    exported = register.get("exported_on")
    when = (
        f"{wording.day(date.fromisoformat(str(exported)[:10]))}"
        f"<small>{wording.how_old(register.get('age_days'))}</small>"
        if exported
        else "date inconnue"
    )
    stated = wording.STATUS.get(status, status)
    if status == "ok" and not (exported and register.get("side") == "after"):
        stated = "Lue"  # nobody knows, or asks, whether it is up to date
    year = register.get("school_year")
    contents = [
        text
        for text in (
            count(int(register["schools"]), "établissement") if register.get("schools") else "",
            count(int(register["rows"]), "ligne") if register.get("rows") is not None else "",
            f"année {year}–{int(year) + 1}" if year else "",
        )
        if text
    ]
    nature = wording.NATURES.get(str(register.get("nature") or ""), "")
    name = source_name(register.get("source")) or "Base sans nom"
    return (
        f'<tr><th scope="row"><b>{escaped(name)}</b>'
        f"<small>{escaped(register.get('label'))}{' · ' if nature else ''}{nature}</small></th>"
        f'<td data-h="État"><span class="state{mark}">'
        f"{escaped(stated)}</span></td>"
        f'<td data-h="Exportée">{when}</td><td data-h="Contenu">{"<br>".join(contents)}</td>'
        f"<td>{escaped(typeset(register.get('message') or ''))}</td></tr>"
    )


def _register_table(registers: Coverage, caption: str) -> str:
    return (
        f'<table class="grid"><caption>{escaped(caption)}</caption><thead><tr>'
        '<th scope="col">Base</th><th scope="col">État</th><th scope="col">Exportée le</th>'
        '<th scope="col">Contenu</th><th scope="col">Ce qu’il faut savoir</th></tr></thead>'
        f"<tbody>{''.join(map(_register_row, registers))}</tbody></table>"
    )


def coverage_section(coverage: Coverage, warnings_only: bool = False) -> str:
    """Every register with its age and the warning it deserves, those with a warning first."""
    blocks = []
    for side, title in _SIDES:
        registers = [register for register in coverage if register.get("side") == side]
        if not registers:
            continue
        alarming = [r for r in registers if (r.get("status") or "ok") != "ok" or r.get("message")]
        quiet = [r for r in registers if r not in alarming]
        if warnings_only:
            if side != "after":
                continue
            blocks.append(
                _register_table(alarming, "Bases en défaut, où un jeune est peut-être inscrit")
                if alarming
                else "<p>Toutes les bases d’inscription lues sont à jour.</p>"
            )
        elif len(registers) <= _REGISTERS_SHOWN:
            blocks.append(_register_table([*alarming, *quiet], title))
        else:
            shown = _register_table(alarming, f"{title} : à surveiller") if alarming else ""
            blocks.append(
                f'{shown}<details class="fold"><summary>{title} : '
                f"{count(len(quiet), 'base')} à jour</summary>"
                f"{_register_table(quiet, title)}</details>"
            )
    return (
        '<section id="bases"><h2>Bases lues</h2><p class="says">Une base absente ou ancienne '
        "fait paraître sortis des jeunes qui y sont inscrits : la liste vaut ce que valent les "
        f"bases.</p>{''.join(blocks)}</section>"
    )


def _figure(head: str, value: int | None, mark: str = "span") -> str:
    """A cell; a zero is left out on a phone, where each figure carries its own words."""
    empty = "" if value else " z"
    return f'<td class="n{empty}" data-h="{head}"><{mark}>{number(value)}</{mark}></td>'


def schools_section(schools: Sequence[Mapping[str, Any]], listing: Listing, pages: bool) -> str:
    """One row per school. `pages`: each school has a page of its own."""
    listed = listing.by_school
    most = max((sections.get("verifier", 0) for sections in listed.values()), default=0)
    rows = []
    for school in schools:
        uai = school["uai"]
        sections = listed.get(uai, {})
        to_check = sections.get("verifier", 0)
        aside = sum(sections.get(key, 0) for key in _ASIDE)
        name = escaped(school.get("name") or uai)
        code = f"<small>{escaped(uai)}</small>" if school.get("name") else ""
        if sections:
            target = f"ecoles/{page_name(uai)}" if pages else "#verifier"
            keep = "" if pages else f' data-u="{escaped(uai)}"'
            name = f'<a href="{target}"{keep}>{name}</a>'
        rows.append(
            f'<tr data-u="{escaped(uai)}"><th scope="row"><span>{name}</span>{code}</th>'
            f"{_figure('Sortis', school.get('left'))}{_figure('Retrouvés', school.get('found'))}"
            f"{_figure('À confirmer', sections.get('confirmer'))}"
            f"{_figure('À vérifier', to_check, 'b')}"
            f"{_figure('dont mineurs', listing.minors_by_school.get(uai))}"
            f"{_figure('À part', aside)}"
            f"{_figure('Fragiles', sections.get('fragiles'))}"
            f'<td class="wide">{bar(to_check, 0, most, "go")}</td></tr>'
        )
    heads = "".join(
        f'<th scope="col" class="n">{label}</th>'
        for label in ("Sortis", "Retrouvés", "À confirmer", "À vérifier", "dont mineurs",
                      "À part", "Fragiles")
    )  # fmt: skip
    return (
        '<section id="etablissements"><h2>Par établissement</h2><p class="says">'
        f"{count(len(schools), 'établissement')}. « À part » réunit diplôme inconnu, diplômés et "
        "départs déclarés."
        f'</p><table class="grid sort"><caption>Sorties et recherches par établissement</caption>'
        f'<thead><tr><th scope="col">Établissement</th>{heads}'
        '<th scope="col" class="wide">En proportion</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></section>"
    )


def page_name(uai: str | None, part: int = 1) -> str:
    """File name of a school's page. Only a code of plain letters and digits names a file."""
    plain = uai if uai and uai.isascii() and uai.isalnum() else None
    stem = plain or ("sans-uai" if not uai else "uai-" + uai.encode().hex()[:40])
    return f"report-{stem}.html" if part == 1 else f"report-{stem}-{part}.html"


def other_parts(uai: str, rank: int, parts: int) -> str:
    """Links between the pages of a school too large for one; empty for the others."""
    if parts == 1:
        return ""
    links = " ".join(
        f"<b>{part}</b>" if part == rank else f'<a href="{page_name(uai, part)}">{part}</a>'
        for part in range(1, parts + 1)
    )
    return f'<p class="lede">Cette liste tient en {number(parts)} pages\u00a0: {links}</p>'


def tools(lanes: Sequence[str], with_schools: bool) -> str:
    """Search and filters; hidden until the script that makes them work has started."""
    options = "".join(
        f'<option value="{key}">{escaped(label)}</option>'
        for key, label in wording.LANES.items()
        if key in lanes
    )
    school = (
        '<label>Établissement<select name="school"><option value="">Tous</option></select></label>'
        if with_schools
        else ""
    )
    return (
        '<form class="tools" id="outils" role="search" aria-label="Chercher dans les listes" '
        "hidden>"
        '<label>Chercher un jeune<input type="search" name="q" autocomplete="off"></label>'
        '<label>Circuit<select name="lane"><option value="">Tous</option>'
        f"{options}</select></label>"
        f"{school}"
        '<label>Âge<select name="age"><option value="">Tous</option>'
        '<option value="0-17">Moins de 18 ans</option><option value="18-25">18 à 25 ans</option>'
        '<option value="26-150">26 ans et plus</option></select></label>'
        '<label>Trier par<select name="sort"><option value="">Nom</option>'
        '<option value="age">Âge</option><option value="date">Date de sortie</option></select>'
        '</label><button type="button" name="open" aria-pressed="false">Tout expliquer</button>'
        '<button type="button" name="print">Imprimer</button><output></output></form>'
    )


_OPENINGS = {
    section.key: (
        f'<section id="{section.key}"><h2>{escaped(section.title)} <span>',
        f'</span></h2><p class="says">{escaped(typeset(section.says))}',
    )
    for section in SECTIONS
}
_TABLE_HEAD = (
    '</p><table class="people"><thead><tr><th scope="col">Jeune</th>'
    '<th scope="col">Formation quittée</th><th scope="col">Sorti le</th>'
    '<th scope="col">Joindre</th></tr></thead>'
)


def list_opening(group: Group) -> str:
    """What comes before the rows of a list."""
    before, after = _OPENINGS[group.section]
    twice = (
        f" ({count(group.rows, 'ligne')} : certains sont listés par deux établissements.)"
        if group.rows > group.persons
        else ""
    )
    return f"{before}{number(group.persons)}{after}{twice}{_TABLE_HEAD}"


LIST_CLOSING = "</table></section>"

EMPTY_LIST = (
    '<section id="verifier"><h2>À vérifier <span>0</span></h2><p class="empty">'
    "Personne à vérifier\u00a0: chaque jeune sorti a été retrouvé, ou figure dans une des listes "
    "ci-dessous. Relancez la comparaison à la prochaine mise à jour des bases.</p></section>"
)


def excluded_section(counts: Mapping[str, Any]) -> str:
    """Those whom the law keeps out of the lists: counted, never named."""
    excluded = _lawful_exclusions(counts)
    if not sum(excluded.values()):
        return ""
    unknown = (
        f"<li><b>{count(excluded['age_unknown'], 'jeune')}</b> sans date de naissance lisible : à "
        "corriger dans le logiciel de l’établissement, voir le rapport de qualité.</li>"
        if excluded["age_unknown"]
        else ""
    )
    return (
        '<section id="exclus"><h2>Hors des listes <span>'
        f'{number(sum(excluded.values()))}</span></h2><p class="says">Comptés, jamais nommés.</p>'
        f"<ul><li><b>{count(excluded['under_16'], 'jeune')}</b> de moins de 16 ans, toujours "
        "inscrits ou non : leur absence relève de l’obligation d’instruction (chef "
        "d’établissement, DSDEN et maire), pas de ces listes.</li>"
        f"{unknown}</ul></section>"
    )


def questions_section(coverage: Coverage) -> str:
    """The four questions every school asks, with the facts of this comparison."""
    blocks = "".join(
        f"<details><summary>{escaped(question)}</summary>"
        f"{''.join(f'<p>{escaped(answer)}</p>' for answer in answers)}</details>"
        for question, answers in wording.four_questions(coverage)
    )
    return f'<section id="questions" class="faq"><h2>Questions fréquentes</h2>{blocks}</section>'
