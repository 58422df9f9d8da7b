"""The tables and the code agree, and no table about a young person is left without a rule."""

import re
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import CharField, TextField

pytestmark = pytest.mark.django_db

#: What says whom a row is about.
_ABOUT = r"^(case_id|person_id|subjects?|pupils)$"
#: Such a column holds identifiers: the « subject » of a mail is a text.
_IDENTIFIERS = "'uuid'::regtype, 'uuid[]'::regtype"
#: Never a field, never a word of a form (arrêté of 15 October 2020; CNIL): health, social matters,
#: nationality, offences, beliefs. Whole words, without accents.
FORBIDDEN = (
    r"sante|health|medical\w*|maladie\w*|handicap\w*|disab\w*|mdph|ulis|itep|grossesse|enceinte|"
    r"social|sociaux|sociale\w*|ase|boursier\w*|bourse|rsa|revenus|quotient|placement|"
    r"nationalit\w*|nationality|etranger\w*|citizenship|titre_sejour|asile|origine_ethnique|"
    r"offence\w*|infraction\w*|delit\w*|condamn\w*|pjj|justice|police|judiciaire|"
    r"religi\w*|croyance\w*|syndica\w*|sexual\w*|addict\w*"
)
#: Words that look like those and are not: they say where a pupil is, which the law lists.
FALSE_FRIENDS = {"scolarisé à l’étranger"}


def rows(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_the_models_and_the_migrations_agree() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, no_color=True)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_one_leaf_a_room() -> None:
    from django.db.migrations.loader import MigrationLoader

    assert MigrationLoader(None).detect_conflicts() == {}


def test_every_table_about_somebody_has_rules_in_force() -> None:
    """Asked of PostgreSQL itself: a key towards a case or a person, or a column named like one."""
    about = {
        name
        for (name,) in rows(
            f"""SELECT DISTINCT c.relname FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
                AND k.confrelid IN ('followup_case'::regclass, 'followup_person'::regclass)
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
                AND (k.oid IS NOT NULL OR a.attname ~ '{_ABOUT}' AND a.atttypid IN ({_IDENTIFIERS})
                     OR c.relname ~ '^followup_(person|case)event$'
                     OR c.oid IN ('followup_case'::regclass, 'followup_person'::regclass))"""
        )
    }
    ruled = {
        name
        for (name,) in rows(
            """SELECT c.relname FROM pg_class c WHERE c.relrowsecurity AND EXISTS (
            SELECT FROM pg_policies p WHERE p.tablename = c.relname AND p.schemaname = 'public')"""
        )
    }
    assert len(about) > 10
    assert about - ruled == set()


def test_the_web_role_owns_nothing_and_makes_nothing() -> None:
    from django.conf import settings

    held = rows(
        f"""SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole,
        has_schema_privilege(rolname, 'public', 'CREATE'),
        EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)
        FROM pg_roles r WHERE rolname = '{settings.WEB_ROLE}'"""
    )
    assert held == [(False, False, False)]


def test_a_function_that_sees_everything_fixes_where_it_looks() -> None:
    """SECURITY DEFINER without a search_path of its own can be lured to other tables."""
    lured = rows(
        """SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
        AND NOT coalesce(array_to_string(proconfig, ','), '') LIKE '%search_path=%'
        AND proname LIKE 'raccord%'"""
    )
    assert lured == []


def test_every_choice_is_held_by_the_database() -> None:
    """Django checks choices in forms only: a constraint refuses what a service would write."""
    checks: dict[str, str] = {}
    for table, text in rows(
        """SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'c' AND connamespace = 'public'::regnamespace"""
    ):
        checks[table] = checks.get(table, "") + text
    free = {
        str(field)
        for model in apps.get_models()
        if model.__module__.startswith("raccord.") and not hasattr(model, "pgh_tracked_model")
        for field in model._meta.concrete_fields
        if isinstance(field, CharField) and field.choices
        and not re.search(
            rf"\({field.column}\)::text = ANY", checks.get(model._meta.db_table, "")
        )
    }  # fmt: skip
    assert free == set()


def without_accents(text: str) -> str:
    from raccord.followup.search import searchable

    return searchable(text, "").lower()


def test_no_field_is_made_for_what_is_forbidden() -> None:
    forbidden = re.compile(rf"(?<![a-z])({FORBIDDEN})(?![a-z])")
    found = set()
    for model in apps.get_models():
        if not model.__module__.startswith("raccord."):
            continue
        for field in model._meta.get_fields():
            texts = [field.name, str(getattr(field, "verbose_name", ""))]
            texts += [str(label) for _, label in getattr(field, "choices", None) or ()]
            for text in texts:
                if text not in FALSE_FRIENDS and forbidden.search(without_accents(text)):
                    found.add(f"{model.__name__}.{field.name}: {text}")
    assert found == set()


def test_free_text_is_short() -> None:
    """A long field gathers what the law keeps out; this list says where a page may be written."""
    long = {
        str(field)
        for model in apps.get_models()
        if model.__module__.startswith("raccord.")
        for field in model._meta.concrete_fields
        if isinstance(field, TextField) and type(field) is TextField
    }
    assert {name for name in long if "Event." not in name} <= {
        "followup.LetterTemplate.body",
        "followup.Message.outgoing",
    }
