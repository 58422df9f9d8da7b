"""The harness sees what it says it sees: each check is shown a page, a query, that fails."""

from typing import Any

import pytest
from django.db import connection, models
from django.db.models import Count, Max
from django.template import Context, engines
from django.template.base import Origin
from django.test import Client
from django.utils import timezone
from psycopg import errors
from tests import cast
from tests.harness import database, html, templates
from tests.harness.findings import CHECKS, Findings

from raccord.followup.models import Case, Person
from raccord.territory.models import Structure

PAGE = """<!DOCTYPE html><html lang="fr"><head><title>Liste – Raccord</title></head><body>
<main><h1>Liste</h1>{}</main></body></html>"""


def found_in(content: str) -> list[str]:
    findings = Findings()
    html.read(PAGE.format(content), findings)
    return [check for check, _ in findings.found]


@pytest.mark.parametrize(
    ("content", "check"),
    [
        ("<script>alert(1)</script>", "script"),
        ('<button onclick="go()">Aller</button>', "script"),
        ('<a href="javascript:go()">Aller</a>', "script"),
        ('<p style="color: red">Rouge</p>', "style"),
        ("<style>p { color: red }</style>", "style"),
        ("<p>{{ nom }}</p>", "leftover"),
        ("<p>{# note", "leftover"),
        ("<p>Né le None</p>", "none"),
        ('<input value="None">', "none"),
        ('<form method="post"></form>', "csrf"),
        ('<form><input type="hidden" name="csrfmiddlewaretoken" value="x"></form>', "csrf"),
        ('<p id="a">1</p><p id="a">2</p>', "id"),
        ('<label for="absent">Nom</label>', "id"),
        ("<div><p>1</div>", "structure"),
        ("<h1>Encore</h1>", "structure"),
        ('<form method="dialog"><form method="dialog"></form></form>', "structure"),
        ('<img alt="" src="https://exemple.org/a.png">', "outside"),
        ('<link rel="stylesheet" href="//exemple.org/a.css">', "outside"),
    ],
)
def test_what_a_page_must_not_hold(content: str, check: str) -> None:
    assert check in found_in(content)


def test_a_good_page_has_nothing_against_it() -> None:
    assert found_in(
        '<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="x">'
        '<label for="a">Nom</label><input id="a" value="Nonette"><br></form>'
        '<script type="application/json">{"a": "{{"}</script><script src="/static/a.js"></script>'
        '<a href="https://exemple.org">Ailleurs</a>'
    ) == []  # fmt: skip


def render(source: str, context: dict[str, Any]) -> None:
    """As a template of ours would be."""
    engine = engines["django"].engine
    template = type(engine.from_string(""))
    origin = Origin(templates.OURS + "/ui/templates/404.html", "404.html")
    template(source, origin, "404.html", engine).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        "{{ holer }}",
        "{{ case.holer }}",
        "{% if case.holer %}x{% endif %}",
        "{% if holer == 1 %}x{% endif %}",
        "{% for x in case.holers %}{% endfor %}",
        "{{ case.holder.name }}",
        '{{ holer|default:"rien" }}',
        "{% with x=case.holer %}{% endwith %}",
    ],
)
def test_an_undefined_variable_is_found(source: str, findings: Findings) -> None:
    render(source, {"case": {"holder": None}})
    with pytest.raises(AssertionError, match=r"hole|name"):
        findings.raise_any()


@pytest.mark.parametrize(
    "source",
    [
        "{{ case.lane }}",
        "{% if case.holder.name %}x{% endif %}",
        "{% for x in list %}{{ forloop.counter }}{% if forloop.last %}{% endif %}{% endfor %}",
        "{% if not case.holder %}x{% endif %}",
    ],
)
def test_a_variable_that_is_there_is_not(source: str) -> None:
    render(source, {"case": {"lane": 1, "holder": None}, "list": [1]})


def test_an_exemption_is_needed_or_refused() -> None:
    findings = Findings(["script", "style"])
    html.read(PAGE.format("<style></style>"), findings)
    findings.raise_any()
    with pytest.raises(AssertionError, match="script"):
        findings.raise_unneeded()
    with pytest.raises(pytest.UsageError, match="scrpt"):
        Findings(["scrpt"])


@pytest.mark.allows("csrf")
def test_a_test_may_say_what_it_allows(findings: Findings) -> None:
    html.read(PAGE.format('<form method="post"></form>'), findings)


@pytest.mark.django_db
def test_an_answer_of_a_view_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.http import HttpResponse

    from raccord.ui import errors

    answer = HttpResponse("<p onclick='go()'>None</p>")
    monkeypatch.setattr(errors, "render", lambda *_, **__: answer)
    with pytest.raises(AssertionError, match=r"(?s)GET /rien/.*\[script\].*\[none\]"):
        Client().get("/rien/", headers={"accept": "text/html"})


@pytest.mark.django_db
def test_rows_without_an_order_come_in_another_one_each_time() -> None:
    for _ in range(12):
        cast.structure()
    orders = {tuple(Structure.objects.order_by().values_list("pk", flat=True)) for _ in range(6)}
    assert len(orders) > 1
    assert len({tuple(Structure.objects.order_by("pk")) for _ in range(3)}) == 1


@pytest.mark.django_db
def test_what_has_no_order_to_have_still_works() -> None:
    first, second = cast.structure(), cast.structure()
    everything = Structure.objects.all()
    assert everything.count() == 2
    assert everything.aggregate(last=Max("pk"))["last"] == second.pk
    counted = dict(everything.values_list("kind").annotate(n=Count("pk")).order_by())
    assert counted == {first.kind: 2}
    assert set(everything.values_list("kind", flat=True).distinct()) == {first.kind}
    both = everything.filter(pk=first.pk).union(everything.filter(pk=second.pk))
    assert {s.pk for s in both} == {first.pk, second.pk}
    assert set(everything.filter(pk__in=everything.values("pk"))) == {first, second}
    assert everything.filter(pk=first.pk).update(name="Autre") == 1
    assert everything.select_for_update().get(pk=first.pk).name == "Autre"


@pytest.mark.django_db
@pytest.mark.allows("lock")
def test_a_lock_that_takes_a_join_is_found() -> None:
    made = cast.case(cast.structure())
    list(Case.objects.select_for_update(of=("self",)).select_related("person"))
    list(Case.objects.select_for_update().select_related("person").filter(pk=made.pk))


@pytest.mark.django_db
def test_a_date_is_not_a_datetime(findings: Findings) -> None:
    list(Person.objects.filter(birth_date=timezone.localdate()))
    with pytest.raises(AssertionError, match="birth_date"):
        list(Person.objects.filter(birth_date=timezone.now()))
        findings.raise_any()


def test_a_field_that_dates_itself_is_not_forgotten(findings: Findings) -> None:
    from django.db.models.signals import pre_save

    class Dated(models.Model):
        class Meta:
            app_label = "ui"

        name = models.CharField(max_length=1)
        changed_at = models.DateTimeField(auto_now=True)

    def save(*fields: str) -> None:
        pre_save.send(sender=Dated, instance=Dated(), raw=False, using="", update_fields={*fields})

    save("name", "changed_at")
    findings.raise_any()
    save("name")
    with pytest.raises(AssertionError, match=r"Dated\.changed_at"):
        findings.raise_any()
    from django.apps import apps

    del apps.all_models["ui"]["dated"]


def test_every_check_is_told() -> None:
    assert all(CHECKS.values())


@pytest.mark.django_db
def test_each_process_has_a_whole_database_of_its_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_policies WHERE schemaname = 'public'")
        assert cursor.fetchone()[0] > 10


# --- the databases of the tests ------------------------------------------------------------------


@pytest.mark.django_db
def test_a_database_that_the_vacuum_is_in_is_dropped_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PostgreSQL does not let its owner end the process of a superuser, as FORCE would."""
    name = database.test_name("_dropped")
    server = database._server

    class Visited:
        """A server whose automatic vacuum is in the database, and a stranger at first."""

        def __init__(self) -> None:
            self.forced = self.plain = 0

        def __enter__(self) -> "Visited":
            self.real = server()
            return self

        def __exit__(self, *_: object) -> None:
            self.real.close()

        def execute(self, query: Any) -> None:
            if "FORCE" in query.as_string():
                self.forced += 1
                if self.forced <= 2:
                    raise errors.InsufficientPrivilege("permission denied to terminate process")
            else:
                self.plain += 1
                if self.plain < 2:
                    raise errors.ObjectInUse("is being accessed by other users")
            self.real.execute(query)

    with server() as real:
        real.execute(f"CREATE DATABASE {name}")
    visited = Visited()
    monkeypatch.setattr(database, "_server", lambda: visited)
    database.drop(name)
    monkeypatch.undo()

    assert (visited.forced, visited.plain) == (2, 2)
    with server() as real:
        assert database._names(real, name) == []
