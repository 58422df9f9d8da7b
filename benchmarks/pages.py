"""Pages of the service on a full territory, against a bare page of the same base template.

    python -m benchmarks.pages [--cases N] [--requests N]

Works in a database of its own, on the server of DATABASE_URL or on ours. Requests go through the
whole stack in this process: middlewares, the role raccord_web, row-level security, the log.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import served  # noqa: E402
from benchmarks.measures import Measure, Report, shown  # noqa: E402
from benchmarks.measuring import Spread  # noqa: E402

SCHOOLS = 120
BARE = "/page-nue/"
ASKED = 4.0

#: Cases by sets, school after school as in a night. One in five is open; the two years before this
#: one are closed.
_CASES = """
CREATE TEMP TABLE made AS
SELECT i, k, {uuid} AS person, {uuid} AS "case", {uuid} AS departure, s.id AS school,
    CASE WHEN k % 100 < 15 THEN 'to_check' WHEN k % 100 < 16 THEN 'to_confirm'
        WHEN k % 100 < 18 THEN 'paused' WHEN k % 100 < 20 THEN 'transmitted'
        ELSE 'closed' END AS status,
    CASE WHEN k % 100 < 20 THEN '' WHEN k % 100 < 75 THEN 'found'
        WHEN k % 100 < 85 THEN 'apprentice' WHEN k % 100 < 95 THEN 'false_alarm' ELSE 'job'
    END AS outcome,
    (ARRAY['under_16', 'obligation_16_17', 'obligation_16_17', 'dropout', 'graduate'])[1 + k % 5]
        AS lane,
    current_date - (k % 100)::int * CASE WHEN k % 100 < 20 THEN 6 ELSE 8 END AS left_on,
    (ARRAY['MARTIN','BERNARD','PETIT','DURAND','LEROY','MOREAU','SIMON','LAURENT','MICHEL','GARCIA',
        'ROUX','FOURNIER','GIRARD','BONNET','LAMBERT','FONTAINE','ROUSSEAU','VINCENT','MULLER',
        'FAURE','BLANC','GUERIN','BOYER','GARNIER','CHEVALIER'])[1 + k % 25] AS last_name,
    (ARRAY['Lou','Camille','Alix','Sacha','Noa','Charlie','Eden','Jade','Hugo','Lina','Nolan',
        'Ines','Yanis','Zoe','Rayan','Manon','Tom','Sarah','Enzo','Maelys'])[1 + k / 25 % 20]
        AS first_name
FROM (SELECT i, i / {schools} AS k FROM generate_series(1, {cases}) i ORDER BY i % {schools}, i) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS rank FROM territory_structure) s
    ON s.rank = i % {schools};
ANALYZE made;

INSERT INTO followup_person (id, academie_id, last_name, usage_name, first_name, other_names,
    birth_date, sex, birth_commune, ine, search_name, hidden, training, created_at)
SELECT person, '17', last_name, '', first_name, '', DATE '2008-01-01' + (i % 900)::int, 'F',
    '44109', '{{}}', last_name || ' ' || upper(first_name), i % 5000 = 4999, false, now() FROM made;

INSERT INTO followup_contactdetails (person_id, address, postcode, phone, email)
SELECT person, i || ' rue de la Gare', '44000', '06 39 98 00 00', '' FROM made;

INSERT INTO followup_legalrepresentative (id, person_id, rank, name, phone, email)
SELECT {uuid}, person, rank, last_name || ' Parent', '06 39 98 00 01', ''
FROM made, generate_series(1, 2) rank;

INSERT INTO followup_case (id, person_id, academie_id, departement_id, school_year, lane, status,
    stage, holder_id, held_since, opened_on, provisional, last_activity_at, contact_state, attempts,
    next_act_on, situation, situation_proof, outcome, false_alarm, version, left_on, closed_on,
    untouched_until)
SELECT "case", person, '17', '044', extract(year FROM left_on - 181), lane, status, 'spotted',
    school, left_on, left_on, false, now() - i * interval '1 minute',
    CASE WHEN k % 3 = 0 THEN 'tried' ELSE 'not_tried' END, k % 3,
    CASE WHEN status = 'paused' THEN current_date + 30 END, 'unknown', '', outcome,
    CASE WHEN outcome = 'false_alarm' THEN 'still_here' ELSE '' END, 1, left_on,
    CASE WHEN status = 'closed' THEN least(left_on + 20, current_date) END, left_on + 60 FROM made;

INSERT INTO followup_party (case_id, structure_id, kind, since)
SELECT "case", school, kind, left_on FROM made, unnest(ARRAY['origin', 'holder']) kind;

INSERT INTO followup_departure (id, case_id, person_id, structure_id, school_year, source, local_id,
    level, course, mef, school_status, origin, reason, verdict, evidence, followed_by, left_on)
SELECT departure, "case", person, school, extract(year FROM left_on - 181), 'siecle', 'L' || i,
    (ARRAY['2de GT','1re GENERALE','1re ASSP','TERM MELEC','CAP CUISINE','2de MTNE'])[1 + k % 6],
    '', '', '', 'register', '', 'missing', '{{"searched": 131}}', '', left_on FROM made;

INSERT INTO followup_candidate (departure_id, case_id, rank, source, uai, local_id, last_name,
    usage_name, first_name, probability, agree, close, differ, kept_apart, said)
SELECT departure, "case", rank, 'cfa', '0449999Z', i || '-' || rank, last_name, '', first_name,
    0.01, '{{nom_famille}}', '{{}}', '{{prenom}}', '{{weak}}', ''
FROM made, generate_series(1, 3) rank WHERE status <> 'closed';

INSERT INTO followup_destination (case_id, source, uai, local_id, place, seen_on, matched_by)
SELECT "case", 'cfa', '0449999Z', i::text, '', left_on, 'ine' FROM made WHERE outcome = 'found';

INSERT INTO followup_timelineevent (id, case_id, at, kind, author, facts, note)
SELECT {uuid}, "case", left_on + rank * interval '1 day',
    CASE rank WHEN 0 THEN 'opened' ELSE 'contact' END, 'Camille Exemple',
    CASE rank WHEN 0 THEN '{{}}'::jsonb ELSE '{{"channel": "call", "answerer": "nobody",
        "result": "no_answer"}}'::jsonb END, ''
FROM made, generate_series(0, 3) rank WHERE rank = 0 OR k % 4 >= rank;

INSERT INTO followup_registerstate (academie_id, label, nature, pupils, read_on, expected_every,
    trouble)
SELECT '17', 'Base ' || i, 'inscription', 400, current_date - (i % 40)::int, 30, ''
FROM generate_series(1, 240) i;
DROP TABLE made;
"""


@dataclass
class Page:
    """One address and what was measured of it."""

    label: str
    address: str
    asked: float | None = ASKED
    seconds: Spread = field(default_factory=Spread)
    #: Of the processors, Python's and its PostgreSQL's: who else works here moves it less.
    busy: Spread = field(default_factory=Spread)
    queries: int = 0
    #: SQL, parameters and seconds of its slowest query.
    slowest: tuple[str, Any, float] = ("", None, 0.0)
    plan: str = ""


@dataclass
class Pages:
    """Everything measured on one territory."""

    cases: int
    pages: list[Page]

    @property
    def bare(self) -> Spread:
        return self.pages[0].seconds


def fill(connection: Any, cases: int) -> Any:
    """A territory, and the head of one of its schools."""
    from django.utils import timezone

    from raccord.accounts.models import Membership, User
    from raccord.accounts.roles import Role
    from raccord.territory.models import Academie, Departement, Structure

    academie = Academie.objects.get_or_create(code="17", defaults={"name": "Nantes"})[0]
    departement = Departement.objects.get_or_create(
        code="044", defaults={"name": "Loire-Atlantique", "academie": academie}
    )[0]
    schools = Structure.objects.bulk_create(
        Structure(
            kind="lycee",
            uai=f"{n:07d}Z",
            name=f"Lycée {n}",
            academie=academie,
            departement=departement,
        )
        for n in range(SCHOOLS)
    )
    with connection.cursor() as cursor:
        newer = connection.pg_version >= 180000
        uuid = "uuidv7()" if newer else "gen_random_uuid()"
        cursor.execute(_CASES.format(uuid=uuid, cases=cases, schools=SCHOOLS))
        cursor.execute("VACUUM (ANALYZE)")
    head = User.objects.create_user(
        "direction@exemple.test", first_name="Camille", tour_seen_at=timezone.now()
    )
    Membership.objects.create(user=head, structure=schools[1], role=Role.HEAD)
    return head


def pages_of(head: Any) -> list[Page]:
    """What is opened, the bare page first."""
    from raccord.followup.models import Case

    school = head.memberships.get().structure_id
    case = Case.objects.filter(holder=school, status="to_confirm").order_by("pk")[0]
    return [
        Page("page nue", BARE, None),
        Page("liste « À vérifier », page 1", "/"),
        Page("liste « À vérifier », page 10", "/?page=10"),
        Page("recherche d’un nom", "/?q=laurent"),
        Page("liste « Suivis depuis leur départ »", "/?liste=suivis"),
        Page("fiche d’un jeune", f"/dossiers/{case.pk}/"),
    ]


def measure(*, cases: int, requests: int, say: Callable[[str], None] = print) -> Pages:
    """Fill a database, then open every page in turn, `requests` times."""
    with served.database("pages") as connection:
        from allauth.mfa.models import Authenticator
        from django.test import Client, override_settings

        started = time.perf_counter()
        head = fill(connection, cases)
        say(f"{cases} dossiers en base en {time.perf_counter() - started:.0f} s")
        Authenticator.objects.create(user=head, type=Authenticator.Type.TOTP, data={})
        client = Client(SERVER_NAME="localhost")
        client.force_login(head, backend="allauth.account.auth_backends.AuthenticationBackend")
        measured = Pages(cases, pages_of(head))
        backend = connection.connection.info.backend_pid
        with override_settings(ROOT_URLCONF="benchmarks.pages_urls"):
            for page in measured.pages:
                for _ in range(3):
                    _opened(client, page)
                _queries(connection, client, page)
            for _ in range(requests):
                for page in measured.pages:
                    busy = _busy(backend)
                    page.seconds.values.append(_opened(client, page))
                    page.busy.values.append(_busy(backend) - busy)
        for page in measured.pages[1:]:
            if page.seconds.over(measured.bare).middle > ASKED:
                page.plan = _explained(connection, head, page)
        return measured


def _opened(client: Any, page: Page) -> float:
    started = time.perf_counter()
    answer = client.get(page.address)
    seconds = time.perf_counter() - started
    if answer.status_code != 200:
        raise SystemExit(f"{page.address} : {answer.status_code}")
    return seconds


def _busy(backend: int) -> float:
    """Seconds of processor taken so far by this process and by its PostgreSQL (Linux says it)."""
    scheduled = Path(f"/proc/{backend}/schedstat")
    told = int(scheduled.read_text().split()[0]) / 1e9 if scheduled.exists() else 0.0
    return time.process_time() + told


def _queries(connection: Any, client: Any, page: Page) -> None:
    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            page.queries += 1
            seconds = time.perf_counter() - started
            if seconds > page.slowest[2]:
                page.slowest = (sql, params, seconds)

    with connection.execute_wrapper(timed):
        _opened(client, page)


def _explained(connection: Any, head: Any, page: Page) -> str:
    """Why: the plan of its slowest query, under the rights of the page."""
    from raccord.accounts.middleware import acting_in_database

    sql, params, _ = page.slowest
    if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
        return sql
    with acting_in_database(head.pk, read_only=True), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
        return "\n".join(row[0] for row in cursor.fetchall())


def tell(measured: Pages, report: Report) -> None:
    """The lines of the table."""
    topic = f"Pages ({measured.cases:,} dossiers)".replace(",", "\u202f")
    report.add(
        *(
            Measure(
                topic,
                f"{page.label}, en temps d’une page nue",
                page.seconds.over(measured.bare),
                "×",
                page.asked,
            )
            for page in measured.pages[1:]
        )
    )
    report.tables["Pages"] = (
        ["page", "médiane", "la plus rapide", "processeur", "requêtes SQL", "SQL la plus lente"],
        [
            [
                page.label,
                _beside(page.seconds.middle, measured.bare.middle),
                _beside(page.seconds.low, measured.bare.low),
                _beside(page.busy.middle, measured.pages[0].busy.middle),
                str(page.queries),
                f"{1000 * page.slowest[2]:.1f} ms".replace(".", ","),
            ]
            for page in measured.pages
        ],
    )


def _beside(seconds: float, bare: float) -> str:
    return f"{1000 * seconds:.1f} ms (× {seconds / bare:.2f})".replace(".", ",")


def main() -> int:
    """By itself: prints the ratios, and why a page is over."""
    parser = argparse.ArgumentParser(description="temps des pages")
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--requests", type=int, default=30)
    parser.add_argument("--work", type=Path, default=ROOT / "var/bench")
    asked = parser.parse_args()
    with served.server(asked.work.resolve()):
        measured = measure(cases=asked.cases, requests=asked.requests)
    for page in measured.pages:
        ratio = page.seconds.over(measured.bare).middle
        print(
            f"{page.label} : {1000 * page.seconds.middle:.1f} ms, {shown(ratio, '×')}, "
            f"au plus vite {_beside(page.seconds.low, measured.bare.low)}, "
            f"processeur {_beside(page.busy.middle, measured.pages[0].busy.middle)}, "
            f"{page.queries} requêtes, la plus lente {1000 * page.slowest[2]:.1f} ms"
        )
        if page.plan:
            print(f"{page.slowest[0][:1500]}\n{page.plan}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
