"""The command line. Screens and errors are French; nothing heavy is imported before it is needed.

Exit status: 0 done; 2 the input was refused (one line a reason, nothing written); 1 our fault.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from raccord import __version__

DONE, OUR_FAULT, REFUSED = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    """argparse speaks French here."""

    def error(self, message: str) -> NoReturn:
        for english, french in (
            ("the following arguments are required:", "il manque"),
            ("unrecognized arguments:", "options inconnues :"),
            ("expected one argument", "une valeur est attendue"),
            ("expected at least one argument", "au moins une valeur est attendue"),
            ("invalid choice:", "valeur inconnue :"),
            ("(choose from", "(au choix :"),
            ("argument ", "option "),
            ("invalid int value:", "nombre entier attendu :"),
        ):
            message = message.replace(english, french)
        sys.stderr.write(f"raccord : {message} (voir « {self.prog} --help »)\n")
        raise SystemExit(REFUSED)


_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"  # noqa: SLF001 - has no public name


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"« {text} » n'est pas une date AAAA-MM-JJ (exemple : 2026-10-15)"
        ) from None


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas un nombre entier positif")
    return int(text)


def build_parser() -> argparse.ArgumentParser:
    """All the commands and their options."""
    parser = _Parser(
        prog="raccord",
        description="Ne perdre aucun jeune de vue : comparer les bases d'inscription, et "
        "seulement montrer qui a quitté son établissement et n'est inscrit nulle part.",
    )
    parser.add_argument("--version", action="version", version=f"Raccord {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMANDE", required=True)
    _add_compare(commands)
    _add_quality(commands)
    _add_explain(commands)
    _add_simulate(commands)
    _add_evaluate(commands)
    _add_train(commands)
    _add_service(commands)
    return parser


def _add_compare(commands: _Commands) -> None:
    compare = commands.add_parser(
        "compare",
        help="qui était inscrit avant et ne l'est plus nulle part",
        description="Compare les inscriptions d'avant (l'an dernier, ou tout état antérieur) à "
        "toutes les bases d'aujourd'hui. Un CHEMIN est un fichier ou un dossier ; les formats sont "
        "reconnus à leur contenu.",
    )
    many: dict[str, Any] = {"action": "append", "type": Path, "metavar": "CHEMIN", "default": []}
    compare.add_argument("--before", **many, help="qui était inscrit (répétable)")
    compare.add_argument("--after", **many, help="les bases d'aujourd'hui (répétable)")
    compare.add_argument("--out", required=True, type=Path, metavar="DOSSIER", help="le résultat")
    compare.add_argument(
        "--diplomas",
        **many,
        help="résultats d'examens : ne retrouvent personne, séparent les diplômés (répétable)",
    )
    compare.add_argument(
        "--followed", **many, help="mission locale, MLDS… : disent qui suit déjà (répétable)"
    )
    compare.add_argument(
        "--decisions",
        type=Path,
        metavar="FICHIER",
        help="vos décisions « c'est lui / ce n'est pas lui » : elles l'emportent toujours",
    )
    compare.add_argument(
        "--since",
        type=Path,
        metavar="DOSSIER",
        help="résultat de la nuit précédente : ne refait que ce qui a changé, et surveille les "
        "fichiers partiels",
    )
    compare.add_argument(
        "--as-of",
        type=_day,
        default=None,
        metavar="AAAA-MM-JJ",
        help="jour de la comparaison (aujourd'hui par défaut)",
    )
    compare.add_argument(
        "--all-ages",
        action="store_true",
        help="garder dans les listes les moins de 16 ans et les âges inconnus",
    )
    compare.add_argument(
        "--year",
        type=_positive,
        metavar="AAAA",
        help="année scolaire attendue des bases d'aujourd'hui (2026 pour 2026-2027)",
    )
    compare.add_argument(
        "--without-refused",
        action="store_true",
        help="continuer sans les fichiers refusés : leurs bases sont dites absentes partout",
    )
    compare.add_argument("--model", type=Path, metavar="FICHIER", help="un modèle entraîné")
    compare.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="spark quand un territoire ne tient plus sur une machine",
    )
    compare.add_argument("--threads", type=_positive, metavar="N", help="processeurs à employer")


def _add_quality(commands: _Commands) -> None:
    quality = commands.add_parser(
        "quality",
        help="ce qu'il faut corriger dans une base",
        description="Lit des bases et dit ce qui est à corriger dans le logiciel d'origine, du "
        "plus coûteux au moins coûteux.",
    )
    quality.add_argument("paths", nargs="+", type=Path, metavar="CHEMIN")
    quality.add_argument(
        "--since",
        action="append",
        type=Path,
        default=[],
        metavar="CHEMIN",
        help="l'état précédent de la même base : élèves connus hier et absents aujourd'hui",
    )
    quality.add_argument("--as-of", type=_day, default=None, metavar="AAAA-MM-JJ")
    quality.add_argument(
        "--out",
        type=Path,
        default=None,
        metavar="DOSSIER",
        help="où écrire qualite.html et corrections.csv (var/qualite par défaut)",
    )


def _add_explain(commands: _Commands) -> None:
    explain = commands.add_parser(
        "explain",
        help="pourquoi ce nom est, ou n'est pas, sur la liste",
        description="Explique le résultat d'une inscription : retrouvée où et comment, ou cherchée "
        "où, et ce qui sépare les trois plus proches.",
    )
    explain.add_argument("folder", type=Path, metavar="DOSSIER", help="résultat de compare")
    explain.add_argument("--uai", required=True, help="établissement d'avant")
    explain.add_argument("--id", required=True, metavar="IDENTIFIANT", help="identifiant local")


def _add_simulate(commands: _Commands) -> None:
    simulate = commands.add_parser(
        "simulate",
        help="un territoire inventé, avec la vérité",
        description="Écrit les bases d'un territoire simulé et la vérité : personne n'est réel.",
    )
    simulate.add_argument("--pupils", type=_positive, required=True, metavar="N")
    simulate.add_argument("--seed", type=_positive, required=True, metavar="S")
    simulate.add_argument("--out", type=Path, required=True, metavar="DOSSIER")
    simulate.add_argument("--format", choices=("real", "plain", "parquet"), default="real")
    simulate.add_argument("--harder", action="store_true", help="davantage d'erreurs de saisie")
    simulate.add_argument("--season", choices=("autumn", "summer"), default="autumn")
    simulate.add_argument("--as-of", type=_day, default=None, metavar="AAAA-MM-JJ")


def _add_evaluate(commands: _Commands) -> None:
    evaluate = commands.add_parser(
        "evaluate",
        help="combien d'erreurs, quand la vérité est connue",
        description="Compare un résultat à la vérité : sorties cachées, appels inutiles, révision.",
    )
    evaluate.add_argument("folder", type=Path, metavar="DOSSIER")
    evaluate.add_argument("--truth", type=Path, required=True, metavar="FICHIER")
    evaluate.add_argument("--json", action="store_true", help="en JSON")


def _add_train(commands: _Commands) -> None:
    train = commands.add_parser(
        "train",
        help="apprendre un modèle sur ses propres bases",
        description="Apprend les poids d'un modèle, les paires au même INE vérifié servant "
        "d'étiquettes. À faire exprès, de temps en temps, jamais chaque nuit.",
    )
    many: dict[str, Any] = {"action": "append", "type": Path, "metavar": "CHEMIN", "required": True}
    train.add_argument("--before", **many)
    train.add_argument("--after", **many)
    train.add_argument("--out", required=True, type=Path, metavar="FICHIER", help="le modèle")
    train.add_argument("--name", default="local", help="nom du modèle")


def _add_service(commands: _Commands) -> None:
    serve = commands.add_parser(
        "serve",
        help="ouvrir le service sur cette machine",
        description="Démarre la base de données, le site et le travail de nuit sur cette machine. "
        "Ctrl-C arrête tout.",
    )
    serve.add_argument("--host", default="127.0.0.1", metavar="ADRESSE", help="adresse d'écoute")
    serve.add_argument("--port", type=_positive, default=8000, metavar="N", help="port (8000)")
    demo = commands.add_parser(
        "demo",
        help="ouvrir le service avec un territoire inventé",
        description="Invente un territoire, joue une nuit devant vous, puis ouvre le service et "
        "donne un compte par rôle.",
    )
    demo.add_argument("--port", type=_positive, default=8000, metavar="N", help="port (8000)")
    demo.add_argument("--pupils", type=_positive, default=58_000, metavar="N")
    manage = commands.add_parser(
        "manage",
        help="les commandes d'administration",
        description="Passe une commande à l'administration du service (« raccord manage help »).",
    )
    manage.add_argument("rest", nargs=argparse.REMAINDER, metavar="…")
    nightly = commands.add_parser(
        "nightly",
        help="jouer la comparaison de la nuit maintenant",
        description="Compare les bases en vigueur, puis ouvre, met à jour et clôt les dossiers.",
    )
    nightly.add_argument("rest", nargs=argparse.REMAINDER, metavar="…")
    log = commands.add_parser(
        "access-log",
        help="vérifier le journal des lectures",
        description="Vérifie qu'aucune ligne du journal des lectures n'a été changée ni retirée.",
    )
    log.add_argument("action", choices=("verify",))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = build_parser().parse_args(arguments)
    if arguments is None:
        _leave_pandas_out()
    from raccord import commands

    try:
        return commands.run(options)
    except KeyboardInterrupt:
        sys.stderr.write("\nArrêté. Rien n'a été modifié.\n")
        return 130
    except BrokenPipeError:
        return DONE


class _NoPandas:
    """Finds no pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ImportError(name)


def _leave_pandas_out() -> None:
    """PyArrow imports pandas, where it is installed, to make its first array: a second and 45 MB,
    for nothing here. It looks once, and is told that there is none. Only in our own process."""
    import pyarrow as pa

    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _NoPandas)
        try:
            pa.array([""])
        finally:
            sys.meta_path.remove(_NoPandas)


if __name__ == "__main__":
    sys.exit(main())
