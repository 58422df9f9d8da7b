"""Doubts about a whole register, before it may change anything: partial, of another year, of
another establishment (registers.md, sections 2.3 and 2.4).

A guard only compares states of the *same feed* (yesterday's and today's), or files of the same
side for the year; it never compares *before* with *after*. It decides nothing itself: it says, in
French, what it saw and what it proposes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import duckdb

from raccord.registers.joined_rows import absent, make_rows
from raccord.registers.snapshots import Snapshot, quoted

#: Share of known pupils absent without a leaving date beyond which a human is asked, and how many
#: pupils at least; share beyond which the file is refused. SIECLE's own report says this number
#: "should normally be zero" (rectorat de Lille, 2012).
QUARANTINE_SHARE, QUARANTINE_PUPILS, REFUSE_SHARE = 0.02, 5, 0.20
#: The same between the roll-over and the constat de rentrée: relaxed, never removed.
RELAXED_QUARANTINE_SHARE, RELAXED_REFUSE_SHARE = 0.10, 0.50
#: Pupils a division or a level must have had for its disappearance to mean something.
GROUP_PUPILS = 5
#: Pupils missing after (or before) one letter for the cut to be no accident.
CUT_PUPILS = 10
#: Days after which an export is old (section 2.4).
OLD_EXPORT_DAYS = 45
#: Share of pupils still in last year's class that makes a new year improbable: repeating a year
#: concerns a few per cent of them.
SAME_CLASS_SHARE = 0.60
#: Formats whose school year is that of the database they come from; in the others each row has its
#: own, and calendar years exist.
_BASES_OF_ONE_YEAR = frozenset({"siecle", "prive"})


class Decision(IntEnum):
    """What a guard proposes, the gravest last."""

    WARN = 1  # used, and said
    QUARANTINE = 2  # the previous state stays in force until a human decides
    REFUSE = 3  # not used


@dataclass(frozen=True)
class Doubt:
    """One doubt about one document, or about one establishment in it (`uai`)."""

    code: str
    decision: Decision
    document: str
    sentence: str
    uai: str | None = None
    snapshot: str = ""  # key of the reading doubted


@dataclass(frozen=True)
class PartialFile:
    """Today's state of one establishment beside yesterday's.

    `known` are the pupils enrolled yesterday, `absent` those of whom today's file holds no row at
    all. `decision` is null when nothing is wrong.
    """

    document: str
    uai: str | None
    known: int
    absent: int
    decision: Decision | None
    reasons: tuple[str, ...]

    @property
    def share(self) -> float:
        return self.absent / self.known if self.known else 0.0

    @property
    def sentence(self) -> str:
        """What to tell the establishment."""
        where = f"établissement {self.uai}" if self.uai else "ce fichier"
        if self.decision is None:
            return f"{where} : les élèves connus sont là."
        verdict = {
            Decision.WARN: "à vérifier",
            Decision.QUARANTINE: "mis en attente, la version précédente reste en vigueur",
            Decision.REFUSE: "refusé, la version précédente reste en vigueur",
        }[self.decision]
        return (
            f"{where} : fichier sans doute partiel ({verdict}). {' ; '.join(self.reasons)}. "
            "Refaire l'export complet, avec les élèves sortis ; si ces départs sont réels, saisir "
            "leur date de sortie."
        )


def may_be_partial(earlier: Snapshot, now: Snapshot) -> bool:
    """Whether `partial_file` is worth its cost: an establishment lost more than a few numbers.

    By local number only, so a renumbered school is examined and a sound night is not.
    """
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        row = connection.execute(
            f"""SELECT count(*) FROM (
                SELECT y.n_uai, count(*) AS known, count(*) FILTER (t.n_uai IS NULL) AS gone
                FROM (SELECT coalesce(n_uai, '') AS n_uai, identifiant_local
                      FROM '{quoted(earlier.prepared)}') y
                LEFT JOIN (SELECT coalesce(n_uai, '') AS n_uai, identifiant_local
                      FROM '{quoted(now.prepared)}') t USING (n_uai, identifiant_local)
                GROUP BY y.n_uai
            ) WHERE gone > {QUARANTINE_PUPILS} AND gone > {QUARANTINE_SHARE} / 2 * known"""
        ).fetchone()
    return bool(row and row[0])


def partial_file(
    earlier: Snapshot, now: Snapshot, *, as_of: date, relaxed: bool = False
) -> list[PartialFile]:
    """One answer per establishment of `earlier`, the former state of the same feed and year.

    `relaxed` between the roll-over and the constat de rentrée. Empty when the two states are of
    two school years: there is nothing to compare then.
    """
    years = {earlier.manifest.school_year, now.manifest.school_year} - {None}
    if len(years) > 1:
        return []
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        make_rows(connection, "hier", [earlier], as_of)
        make_rows(connection, "jour", [now], as_of)
        # One row per pupil, not per enrolment; a leaver of yesterday may be purged without harm.
        connection.execute(
            f"""CREATE TEMP TABLE connus AS
            SELECT DISTINCT ON (etablissement, identifiant_local, k_nom, k_prenom, d_naissance)
                n_uai, etablissement, classe, left(mef, 3) AS niveau, n_nom,
                rowid IN ({absent("hier", "jour")}) AS absent
            FROM hier WHERE presente AND usable"""
        )
        rows = connection.execute(
            """SELECT c.n_uai, count(*), count(*) FILTER (absent),
                min(n_nom) FILTER (absent), max(n_nom) FILTER (absent),
                min(n_nom) FILTER (NOT absent), max(n_nom) FILTER (NOT absent),
                any_value(p.rows)
            FROM connus c LEFT JOIN (SELECT etablissement, count(*) AS rows FROM jour GROUP BY ALL)
                p USING (etablissement)
            GROUP BY ALL ORDER BY c.n_uai"""
        ).fetchall()
        gone = _groups_gone(connection)
    found = []
    for uai, known, missing, first_absent, last_absent, first_here, last_here, here in rows:
        cut = _cut(missing, first_absent, last_absent, first_here, last_here)
        decision, reasons = _judged(known, missing, gone.get(uai, []), cut, relaxed=relaxed)
        if here is None:
            decision = Decision.REFUSE if known > QUARANTINE_PUPILS else Decision.QUARANTINE
            reasons = [f"l'établissement entier manque ({known} élèves connus)"]
        found.append(
            PartialFile(now.manifest.document, uai, known, missing, decision, tuple(reasons))
        )
    return found


def _groups_gone(connection: duckdb.DuckDBPyConnection) -> dict[str | None, list[str]]:
    """Divisions and levels of which nobody is left, by establishment, as reasons in French."""
    gone: dict[str | None, list[str]] = {}
    for column, name in (("classe", "la division"), ("niveau", "le niveau (MEF)")):
        rows = connection.execute(
            f"""SELECT n_uai, {column}, count(*) FROM connus WHERE {column} IS NOT NULL
            GROUP BY ALL HAVING count(*) >= ? AND bool_and(absent) ORDER BY ALL""",
            [GROUP_PUPILS],
        ).fetchall()
        for uai, group, count in rows:
            gone.setdefault(uai, []).append(f"{name} {group} manque entièrement ({count} élèves)")
    return gone


def _cut(
    missing: int,
    first_absent: str | None,
    last_absent: str | None,
    first_here: str | None,
    last_here: str | None,
) -> str | None:
    """The letter where an alphabetical file was cut."""
    if missing < CUT_PUPILS or not (first_absent and last_absent and first_here and last_here):
        return None
    if first_absent > last_here:
        return f"tous les noms après « {last_here[:1]} » manquent"
    if last_absent < first_here:
        return f"tous les noms avant « {first_here[:1]} » manquent"
    return None


def _judged(
    known: int, missing: int, gone: list[str], cut: str | None, *, relaxed: bool
) -> tuple[Decision | None, list[str]]:
    quarantine = RELAXED_QUARANTINE_SHARE if relaxed else QUARANTINE_SHARE
    refuse = RELAXED_REFUSE_SHARE if relaxed else REFUSE_SHARE
    share = missing / known if known else 0.0
    reasons: list[str] = []
    decision: Decision | None = None
    if missing > QUARANTINE_PUPILS and share > quarantine:
        decision = Decision.REFUSE if share > refuse else Decision.QUARANTINE
        percent = f"{100 * share:.0f}\u00a0%"
        reasons.append(
            f"{missing} des {known} élèves connus ({percent}) n'y sont plus, sans date de sortie"
        )
    if cut:
        reasons.append(cut)
        decision = max(decision or Decision.QUARANTINE, Decision.QUARANTINE)
    # During the summer classes are remade: a division that goes is then only worth saying.
    if gone:
        reasons.extend(gone)
        decision = max(decision or Decision.WARN, Decision.WARN if relaxed else Decision.QUARANTINE)
    return decision, reasons


def wrong_year(
    side: Sequence[Snapshot],
    *,
    as_of: date,
    stated: int | None = None,
    expected: int | None = None,
) -> list[Doubt]:
    """Doubts about the school year of the files of one side (*before*, or *after*).

    Refused only when it contradicts `stated` (--year) or the other files of the same side; against
    `expected` (the year one would expect on that day) or by age, a warning.
    """
    doubts = []
    years = _years_of(side)
    for snapshot in side:
        manifest = snapshot.manifest
        year = manifest.school_year
        if year is not None and stated is not None and year != stated:
            doubts.append(
                _year_doubt(snapshot, Decision.REFUSE, f"alors que {_year(stated)} est annoncée")
            )
        elif year is not None and stated is None and years and year != years[0]:
            sure = manifest.format in _BASES_OF_ONE_YEAR
            doubts.append(
                _year_doubt(
                    snapshot,
                    Decision.REFUSE if sure else Decision.WARN,
                    f"alors que les autres fichiers du même côté sont de {_year(years[0])}",
                )
            )
        elif year is not None and stated is None and expected is not None and year != expected:
            doubts.append(
                _year_doubt(snapshot, Decision.WARN, f"alors qu'on attend {_year(expected)}")
            )
        if manifest.exported_on is not None:
            age = (as_of - date.fromisoformat(manifest.exported_on)).days
            if age > OLD_EXPORT_DAYS or age < -1:
                when = f"fait il y a {age} jours" if age > 0 else "daté de l'avenir"
                doubts.append(
                    Doubt(
                        "export_ancien",
                        Decision.WARN,
                        manifest.document,
                        f"export {when} : demander un export récent si l'on cherche la "
                        "situation du jour.",
                    )
                )
    return doubts


def _years_of(side: Sequence[Snapshot]) -> list[int]:
    """School years of one side, the most shared first: by files whose base has one year, then by
    all files, then by rows, then the latest."""
    sure: Counter[int] = Counter()
    files: Counter[int] = Counter()
    rows: Counter[int] = Counter()
    for snapshot in side:
        year = snapshot.manifest.school_year
        if year is not None:
            sure[year] += snapshot.manifest.format in _BASES_OF_ONE_YEAR
            files[year] += 1
            rows[year] += snapshot.manifest.rows
    return sorted(files, key=lambda y: (sure[y], files[y], rows[y], y), reverse=True)


def _year(year: int) -> str:
    return f"{year}-{year + 1}"


def _year_doubt(snapshot: Snapshot, decision: Decision, contrast: str) -> Doubt:
    year = snapshot.manifest.school_year
    assert year is not None  # noqa: S101 - for the type checker: callers looked
    return Doubt(
        "annee",
        decision,
        snapshot.manifest.document,
        f"ce fichier est de l'année scolaire {_year(year)}, {contrast} : entre juin et septembre "
        "deux bases existent, demander l'export de la bonne.",
        snapshot=snapshot.manifest.key,
    )


def last_years_file(earlier: Snapshot, now: Snapshot, *, as_of: date) -> Doubt | None:
    """Whether a file said to be of a new year holds last year's pupils in last year's classes.

    `earlier` is the last state of the same feed in the year before.
    """
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        make_rows(connection, "hier", [earlier], as_of)
        make_rows(connection, "jour", [now], as_of)
        row = connection.execute(
            """SELECT count(*), count(*) FILTER (a.classe = b.classe)
            FROM hier a JOIN jour b ON a.etablissement = b.etablissement AND a.k_nom = b.k_nom
                AND a.k_prenom = b.k_prenom AND a.d_naissance = b.d_naissance
            WHERE a.classe IS NOT NULL AND b.classe IS NOT NULL"""
        ).fetchone()
    both, same = row or (0, 0)
    if both <= QUARANTINE_PUPILS or same / both < SAME_CLASS_SHARE:
        return None
    return Doubt(
        "classes_inchangees",
        Decision.QUARANTINE,
        now.manifest.document,
        f"{same} des {both} élèves déjà connus sont dans leur classe de l'an dernier : ce fichier "
        "est sans doute celui de l'année précédente.",
    )


def older_export(earlier: Snapshot, now: Snapshot) -> Doubt | None:
    """Whether a file is older than the last one accepted for the same feed: a mistaken upload."""
    before, after = earlier.manifest.exported_on, now.manifest.exported_on
    if before is None or after is None or after >= before:
        return None
    return Doubt(
        "export_anterieur",
        Decision.REFUSE,
        now.manifest.document,
        f"export du {after}, plus ancien que le dernier accepté ({before}) : déposer le plus "
        "récent, ou forcer en donnant la raison.",
    )


def wrong_establishment(snapshot: Snapshot, stated_uai: str) -> Doubt | None:
    """Whether a file is of another establishment than its feed: frequent in cités scolaires, where
    one person manages two of them."""
    stated = stated_uai.replace(" ", "").upper()
    uais = snapshot.manifest.uais
    others = sorted(uai for uai in uais if uai != stated)
    if not others:
        return None
    some = ", ".join(others[:3]) + ("..." if len(others) > 3 else "")
    if stated not in uais:
        return Doubt(
            "etablissement",
            Decision.REFUSE,
            snapshot.manifest.document,
            f"ce fichier est de l'établissement {some}, alors que {stated} est attendu : déposer "
            "l'export du bon établissement.",
            stated,
        )
    count = sum(uais[uai] for uai in others)
    return Doubt(
        "etablissement_mele",
        Decision.WARN,
        snapshot.manifest.document,
        f"{count} lignes sont d'un autre établissement ({some}) que {stated} : vérifier que "
        "l'export ne mêle pas deux établissements.",
        stated,
    )
