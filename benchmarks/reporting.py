"""« Signaler un jeune »: how fast, and how well, somebody typed with two errors is recognised.

    python -m benchmarks.reporting --territory DIR [--cases N] [--reports N]

A simulated territory: its registers of today are indexed as a night does, some of those of last
year become open cases. Reports are drawn among both: with two errors each, in names, birth date,
town or telephone; then, harder, with two in names and birth date and others beside. A third more
are of people whom nobody knows. Timed through the whole stack, page after page.
"""

import argparse
import random
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import served  # noqa: E402
from benchmarks.measures import Measure, Report  # noqa: E402
from benchmarks.measuring import Spread  # noqa: E402

TODAY = date(2026, 11, 22)
#: As `Case` and what surrounds it are made by a night, for thousands of rows at once.
_COPIED = """
INSERT INTO followup_person (id, academie_id, last_name, usage_name, first_name, other_names,
    birth_date, sex, birth_commune, ine, search_name, hidden, training, created_at)
SELECT person, '17', last_name, usage_name, first_name, other_names, born, sex, '', '{}',
    search_name, false, false, now() FROM made;
INSERT INTO followup_contactdetails (person_id, address, postcode, commune_id, phone, email)
SELECT person, '', postcode, c.insee, phone, '' FROM made
LEFT JOIN territory_commune c ON c.insee = residence;
INSERT INTO followup_case (id, person_id, academie_id, departement_id, school_year, lane, status,
    stage, holder_id, held_since, opened_on, provisional, last_activity_at, contact_state, attempts,
    situation, situation_proof, outcome, false_alarm, version)
SELECT person, person, '17', '044', 2026, 'obligation_16_17', 'to_check', 'spotted', school,
    current_date, current_date, false, now(), 'not_tried', 0, 'unknown', '', '', '', 1 FROM made;
INSERT INTO followup_party (case_id, structure_id, kind, since)
SELECT person, school, 'holder', current_date FROM made;
INSERT INTO followup_departure (id, case_id, person_id, structure_id, school_year, source, local_id,
    level, course, mef, school_status, origin, reason, verdict, evidence, followed_by)
SELECT gen_random_uuid(), person, person, school, 2026, '', '', '', '', '', '', 'register', '',
    'missing', '{}', '' FROM made;
"""


@dataclass
class Quality:
    """Reports of people who are known: who was answered."""

    known: int = 0
    found: int = 0
    right: int = 0
    shown: int = 0

    def count(self, who: int, got: list[int]) -> None:
        """One report of `who`, answered with these people."""
        self.known += 1
        self.found += who in got
        self.right += sum(one == who for one in got)
        self.shown += len(got)

    @property
    def recall(self) -> float:
        """Known young people who are among those shown."""
        return self.found / max(self.known, 1)

    @property
    def precision(self) -> float:
        """Of all that is shown of known young people, what is right."""
        return self.right / max(self.shown, 1)


@dataclass
class Measured:
    """What was measured on one territory."""

    cases: int
    enrolments: int
    build_seconds: float = 0.0
    build_mb: float = 0.0
    index_mb: float = 0.0
    seconds: list[float] = field(default_factory=list)
    everybody: Quality = field(default_factory=Quality)
    #: Without those who are typed under a usage name that no register has.
    named: Quality = field(default_factory=Quality)
    #: Two errors in names and birth date; a false town, a false telephone come beside them.
    harder: Quality = field(default_factory=Quality)
    unknown: int = 0
    shown_of_unknown: int = 0

    def at(self, share: float) -> float:
        """Seconds within which this share of the searches answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True)
class Row:
    """One line of a register, and who it truly is."""

    who: int
    values: dict[str, Any]


def _rows(territory: Path, side: str, truth: str, how_many: int, seed: int) -> list[Row]:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute(
            f"""SELECT t.young_person, r.* FROM read_parquet('{territory}/{side}/*.parquet') r
            JOIN '{territory}/{truth}.parquet' t USING (source, uai, identifiant_local)
            -- 17 to 24: a birth year mistyped neither refuses them nor makes them too young
            WHERE r.date_naissance BETWEEN '2002-01-01' AND '2009-10-31'
                AND r.nom_famille IS NOT NULL AND r.prenom IS NOT NULL
                -- whoever has left since is in no register of today
                AND ('{side}' = 'before' OR r.date_sortie IS NULL OR r.date_sortie > '{TODAY}')
            ORDER BY hash(r.uai || r.identifiant_local, {seed}) LIMIT {how_many}"""
        )
        names = [column[0] for column in found.description or ()]
        return [
            Row(int(line[0]), dict(zip(names[1:], line[1:], strict=True)))
            for line in found.fetchall()
        ]


def _fill(connection: Any, rows: list[Row]) -> dict[str, int]:
    """Open cases of these people; which person each is."""
    from raccord.followup.identifiers import new_id
    from raccord.followup.search import searchable
    from raccord.territory.models import Structure

    schools = dict(Structure.objects.filter(uai__isnull=False).values_list("uai", "pk"))
    owner = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMP TABLE made (person uuid, school bigint, last_name text, usage_name text,
                first_name text, other_names text, born date, sex text, residence text,
                postcode text, phone text, search_name text)"""
        )
        with cursor.copy("COPY made FROM STDIN") as copy:
            for row in rows:
                person, v = new_id(), row.values
                owner[str(person)] = row.who
                names = [v["nom_famille"], v["nom_usage"] or "", v["prenom"]]
                copy.write_row(
                    [
                        person,
                        schools[v["uai"]],
                        *names,
                        v["prenoms_suivants"] or "",
                        v["date_naissance"],
                        v["sexe"] or "",
                        v["commune_residence"] or "",
                        v["code_postal"] or "",
                        v["telephone"] or v["representant_telephone"] or "",
                        searchable(names[0], names[2]),
                    ]
                )
        for statement in _COPIED.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("DROP TABLE made; ANALYZE followup_person; ANALYZE followup_case")
    return owner


@dataclass(frozen=True)
class Said:
    """What somebody types. `borrowed`: the surname is a usage name that no register has."""

    form: dict[str, Any]
    borrowed: bool


#: Of two errors, how often each is in the town or the telephone (estimate).
_ELSEWHERE = 0.15


def typed(
    rng: random.Random, row: Row, names: list[str], towns: list[str], left: str, *, harder: bool
) -> Said:
    """Two errors: of the simulator in names and birth date, or the town of the training for the one
    of residence, or somebody else's telephone. `harder`: two in names and birth date, a false town
    15 times in a hundred and a false telephone four times in ten beside. The telephone and the last
    school (column `left`) are given, and theirs, four times in ten."""
    from raccord.simulation import noise

    v = row.values
    said = noise.Identity(
        v["nom_famille"],
        v["nom_usage"],
        v["prenom"],
        v["prenoms_suivants"],
        v["date_naissance"],
        rng.choice(names),
    )
    elsewhere = 0 if harder else sum(rng.random() < _ELSEWHERE for _ in range(2))
    changed, borrowed = 0, False
    for _ in range(40):
        if changed == 2 - elsewhere:
            break
        before = (said.nom, said.prenom, said.date)
        noise.alter(rng, said)
        borrowed |= said.nom == said.spare
        changed += (said.nom, said.prenom, said.date) != before
    wrong = set(rng.sample(("town", "phone"), elsewhere))
    if harder and rng.random() < 0.15:
        wrong.add("town")
    town = rng.choice(towns) if "town" in wrong else v["commune_residence"] or ""
    given = rng.random()
    phone = v["telephone"] or v["representant_telephone"] or ""
    if "phone" in wrong or (harder and 0.4 <= given < 0.82):
        phone = f"06{rng.randrange(10**8):08d}"
    elif given >= 0.4:
        phone = ""
    form = {
        "last_name": said.nom,
        "first_name": said.prenom,
        "birth_date": date.fromisoformat(said.date),
        "sex": v["sexe"] or "",
        "commune": town,
        "phone": phone,
        "last_school": (v[left] or "") if rng.random() < 0.4 else "",
    }
    return Said(form, borrowed)


def _reports(
    territory: Path, cases: list[Row], enrolled: list[Row], how_many: int, *, harder: bool
) -> Iterator[tuple[bool, Row, Said]]:
    """(known, who, what is typed): half followed, half enrolled; a third more are unknown."""
    # 7, 11 and 2027 were looked at while lookup was written: they prove nothing any more
    rng = random.Random(4102)
    names = sorted({row.values["nom_famille"] for row in cases[:5000]})
    towns = sorted({r.values["commune_residence"] for r in cases[:5000]} - {None})
    for rank in range(how_many):
        row = rng.choice(cases if rank % 2 else enrolled)
        # who is followed left the school of their line; who is enrolled, the one before
        left = "uai" if rank % 2 else "uai_precedent"
        yield True, row, typed(rng, row, names, towns, left, harder=harder)
    for _ in range(how_many // 3):
        one, other = rng.choice(cases), rng.choice(enrolled)
        mixed = one.values | {name: other.values[name] for name in ("prenom", "date_naissance")}
        mixed |= {"telephone": None, "representant_telephone": None, "uai_precedent": None}
        # a name, a first name and a birth date that are those of nobody together
        nobody = Row(-1, mixed)
        yield False, nobody, typed(rng, nobody, names, towns, "uai", harder=harder)


def measure(territory: Path, *, cases: int, reports: int, work: Path) -> Measured:
    """Index the registers, open the cases, then search for each report."""
    import os

    os.environ["RACCORD_HOME"] = str(work / "home")
    from raccord.matching import lookup_index
    from raccord.registers import reading

    opened = reading.open_registers([territory / "after"])
    started = time.perf_counter()
    folder = work / "home" / "reperage" / "17"
    lines = lookup_index.build(opened.snapshots, folder, TODAY)
    measured = Measured(cases, lines, build_seconds=time.perf_counter() - started)
    measured.build_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured.index_mb = sum(p.stat().st_size for p in folder.iterdir()) / 1e6
    followed = _rows(territory, "before", "truth", cases, 1)
    enrolled = _rows(territory, "after", "truth_after", 5000, 2)
    with served.database("reporting") as connection:
        _measure(connection, territory, followed, enrolled, reports, measured)
    return measured


def _measure(
    connection: Any,
    territory: Path,
    followed: list[Row],
    enrolled: list[Row],
    reports: int,
    measured: Measured,
) -> None:
    from allauth.mfa.models import Authenticator
    from django.test import Client

    from raccord.accounts.models import Membership, User
    from raccord.followup.reporting import seeking

    seeking.HOURLY = 10**9
    place = _places()
    worker = User.objects.create_user("agent@exemple.test", first_name="Camille")
    Membership.objects.create(user=worker, structure=place, role="agent")
    Authenticator.objects.create(user=worker, type=Authenticator.Type.TOTP, data={})
    _surroundings([*followed, *enrolled])
    owner = _fill(connection, followed)
    truth = _owners(territory)
    client = Client(SERVER_NAME="localhost")
    client.force_login(worker, backend="allauth.account.auth_backends.AuthenticationBackend")
    answers: list[Any] = []
    find = seeking.find

    def remembered(*given: Any, **more: Any) -> Any:
        answers.append(find(*given, **more))
        return answers[-1]

    seeking.find = remembered
    for harder in (False, True):
        for known, row, said in _reports(territory, followed, enrolled, reports, harder=harder):
            form = {"structure": place.pk, "how": "street", **said.form}
            answers.clear()
            started = time.perf_counter()
            answer = client.post("/signalements/chercher/", form)
            measured.seconds.append(time.perf_counter() - started)
            if answer.status_code != 200:
                raise SystemExit(f"/signalements/chercher/ : {answer.status_code}")
            if not answers:  # refused before any search: a date that cannot be
                continue
            [found] = answers
            got = [owner[str(one.person)] for one in found.followed]
            got += [truth.get(one.reference, -2) for one in found.enrolled]
            if not known and not harder:
                measured.unknown += 1
                measured.shown_of_unknown += bool(got)
            for quality, counted in (
                (measured.harder, harder),
                (measured.everybody, not harder),
                (measured.named, not harder and not said.borrowed),
            ):
                if known and counted:
                    quality.count(row.who, got)
    seeking.find = find


def _surroundings(rows: list[Row]) -> None:
    """The communes and the schools that reports name."""
    from raccord.territory.models import Commune, Departement, Structure

    where = Departement.objects.get(pk="044")
    codes = {r.values["commune_residence"]: r.values["code_postal"] for r in rows}
    Commune.objects.bulk_create(
        Commune(
            insee=insee,
            name=f"Commune {insee}",
            name_normalised=f"commune {insee}",
            postcodes=[postcode] if postcode else [],
            departement=where,
        )
        for insee, postcode in codes.items()
        if insee
    )
    uais = {r.values[name] for r in rows for name in ("uai", "uai_precedent")} - {None}
    uais -= set(Structure.objects.filter(uai__in=uais).values_list("uai", flat=True))
    Structure.objects.bulk_create(
        Structure(kind="lycee_pro", uai=uai, name=f"Lycée {uai}", academie=where.academie)
        for uai in sorted(uais)
    )


def _places() -> Any:
    from raccord.territory.models import Academie, Departement, Structure

    academie = Academie.objects.get_or_create(code="17", defaults={"name": "Nantes"})[0]
    departement = Departement.objects.get_or_create(
        code="044", defaults={"name": "Loire-Atlantique", "academie": academie}
    )[0]
    where = {"academie": academie, "departement": departement}
    return Structure.objects.create(kind="mission_locale", name="Mission locale", **where)


def _owners(territory: Path) -> dict[str, int]:
    import duckdb

    with duckdb.connect() as connection:
        return dict(
            connection.execute(
                "SELECT source || '/' || uai || '/' || identifiant_local, young_person "
                f"FROM '{territory}/truth_after.parquet'"
            ).fetchall()
        )


def tell(measured: Measured, report: Report) -> None:
    """The lines of the table."""
    topic = f"Signaler un jeune ({measured.cases:,} dossiers, {measured.enrolments:,} inscriptions)"
    topic = topic.replace(",", "\u202f")
    report.add(
        Measure(topic, "réponse pendant la saisie, p50", Spread([measured.at(0.5)]), "s"),
        Measure(
            topic, "réponse pendant la saisie, p95", Spread([measured.at(0.95)]), "s", asked=0.3
        ),
        *_quality(topic, measured.everybody, "deux erreurs chacun", asked=True),
        *_quality(topic, measured.named, "deux erreurs, sans nom que nul ne connaît"),
        *_quality(topic, measured.harder, "deux erreurs d’identité, et d’autres à côté"),
        Measure(
            topic,
            "jeunes inconnus pour qui quelqu’un est proposé",
            Spread([measured.shown_of_unknown / max(measured.unknown, 1)]),
            "%",
        ),
        Measure(topic, "index refait, chaque nuit", Spread([measured.build_seconds]), "s"),
        Measure(topic, "mémoire pour le refaire", Spread([measured.build_mb]), "Mo"),
        Measure(topic, "index sur le disque", Spread([measured.index_mb]), "Mo"),
    )


def _quality(topic: str, of: Quality, which: str, *, asked: bool = False) -> list[Measure]:
    found, right = Spread([of.recall]), Spread([of.precision])
    bounds = (0.99, 0.95) if asked else (None, None)
    return [
        Measure(topic, f"jeunes connus retrouvés, {which}", found, "%", bounds[0], at_least=True),
        Measure(topic, f"propositions justes, {which}", right, "%", bounds[1], at_least=True),
    ]


def main() -> int:
    """By itself: prints the figures."""
    parser = argparse.ArgumentParser(description="signaler un jeune")
    parser.add_argument("--territory", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--reports", type=int, default=300)
    parser.add_argument("--work", type=Path, default=ROOT / "var/bench")
    asked = parser.parse_args()
    with served.server(asked.work.resolve()):
        found = measure(
            asked.territory, cases=asked.cases, reports=asked.reports, work=asked.work.resolve()
        )
    every, named, harder = found.everybody, found.named, found.harder
    print(
        f"p50 {1000 * found.at(0.5):.0f} ms, p95 {1000 * found.at(0.95):.0f} ms ; "
        f"rappel {every.recall:.4f} ({every.known}), précision {every.precision:.4f}, "
        f"noms connus {named.recall:.4f} ({named.known}) et {named.precision:.4f}, "
        f"plus dur {harder.recall:.4f} ({harder.known}) et {harder.precision:.4f}, "
        f"inconnus {found.shown_of_unknown}/{found.unknown} ; index {found.build_seconds:.0f} s, "
        f"{found.build_mb:.0f} Mo de mémoire, {found.index_mb:.0f} Mo sur disque"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
