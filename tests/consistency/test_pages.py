"""Addresses, templates and words: nothing unused, nothing that leads nowhere, nothing left open."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from tests.harness.templates import optional_names

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ROOT / "src" / "raccord"
TEMPLATES = sorted(ROOMS.glob("*/templates/**/*.*"))
CODE = {path: path.read_text("utf-8") for path in ROOMS.rglob("*.py")}

#: Open to whoever has no account, and why.
OPEN = {
    "healthz": "a machine asks whether the service lives",
    "account_login": "the door",
    "account_logout": "leaving is always allowed",
    "account_inactive": "says that the account is closed",
    "account_reset_password": "a forgotten password",
    "account_reset_password_done": "a forgotten password",
    "account_reset_password_from_key": "a forgotten password: the link is the proof",
    "account_reset_password_from_key_done": "a forgotten password",
    "mfa_authenticate": "between the password and the code",
    "mfa_login_webauthn": "the door, by passkey",
    "invitation": "the link is the proof",
    "proconnect": "the door, by ProConnect",
    "proconnect_callback": "the door, by ProConnect",
    "answer": "a family answers by a one-time link",
    "answered": "a family has answered",
    "partner": "a partner without account answers by a dated link and its code",
}


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, object]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from patterns(pattern, space)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}", pattern.callback


def test_every_address_is_closed_unless_it_says_why() -> None:
    opened = {
        name.rpartition(":")[2]
        for name, view in patterns()
        if not getattr(view, "login_required", True)
    }
    assert opened <= OPEN.keys(), opened - OPEN.keys()


def test_every_address_has_a_name_of_its_own() -> None:
    names = [name for name, _ in patterns()]
    assert [name for name in names if name.endswith("None")] == []
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_leads_somewhere(path: Path) -> None:
    """`{% url … as … %}` is the one way to say that a page may not exist yet."""
    known = {name for name, _ in patterns()}
    text = path.read_text("utf-8")
    links = re.findall(r"{%\s*url\s+['\"]([\w:-]+)['\"]([^%]*)%}", text)
    lost = {name for name, rest in links if " as " not in rest and name not in known}
    assert lost == set()
    # A page lost for good: « as » hides a name that nobody will ever give.
    get_template(str(path.relative_to(path.parents[len(path.parts)
        - path.parts.index("templates") - 2])))  # fmt: skip


def test_every_template_is_used() -> None:
    texts = [*CODE.values(), *(path.read_text("utf-8") for path in TEMPLATES)]
    everything = "\n".join(texts)
    unused = set()
    for path in TEMPLATES:
        name = path.as_posix().partition("/templates/")[2]
        # Names of allauth and of Django, which load them by themselves.
        if name.startswith(("account/", "mfa/", "usersessions/")) or re.match(r"[45]\d\d\.", name):
            continue
        stem = name.rpartition(".")[0]
        if name not in everything and stem not in everything and not _is_assembled(name):
            unused.add(name)
    assert unused == set()


def _is_assembled(name: str) -> bool:
    """« mails/{name}.txt »: the folder is named, and the word is elsewhere in the room."""
    folder, _, last = name.rpartition("/")
    word = last.partition(".")[0].removesuffix("_subject").removesuffix("_message")
    code = "\n".join(CODE.values())
    return f"{folder}/{{" in code and re.search(rf"\b{word}\b", code) is not None


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_a_template_says_optional_is_used_in_it(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"))
    assert {n for n in optional_names(str(path)) if not re.search(rf"\b{n}\b", text)} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_words_on_screen_have_the_apostrophe_of_books(path: Path) -> None:
    text = path.read_text("utf-8")
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
    text = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", "", text, flags=re.S)
    shown = re.sub(r"<[^>]*>", "\n", text)
    shown += "\n".join(re.findall(r"(?:title|aria-label|placeholder|alt)=\"([^\"]*)\"", text))
    assert re.findall(r"\w+'\w+", shown) == []


def test_words_of_the_code_have_the_apostrophe_of_books() -> None:
    """A label, a message, an error: recognised by an accent or by a space after the apostrophe."""
    import ast

    french = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|aujourd)'[a-zà-ÿœ]", re.I)
    rooms = ("accounts", "config", "detection", "followup", "privacy", "territory", "ui")
    found = []
    for path, text in CODE.items():
        if path.relative_to(ROOMS).parts[0] not in rooms or "migrations" in path.parts:
            continue
        tree = ast.parse(text)
        # Told to developers, or written as a file of others writes it.
        apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        if "directories" in path.parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if id(node) in apart:
                    continue
                sql = re.search(r"SELECT|CREATE|WHERE|::|ANY|\n", node.value)
                if french.search(node.value) and not sql:
                    found.append(f"{path.relative_to(ROOMS)}:{node.lineno}: {node.value[:80]}")
    assert found == [], "\n".join(found)


def test_forms_have_no_field_for_what_is_forbidden() -> None:
    from django import forms
    from tests.consistency.test_database import FORBIDDEN, without_accents

    word = re.compile(rf"(?<![a-z])({FORBIDDEN})(?![a-z])")
    found, left = set(), list(forms.BaseForm.__subclasses__())
    while left:
        form = left.pop()
        left += form.__subclasses__()
        if not form.__module__.startswith("raccord."):
            continue
        for name, field in getattr(form, "base_fields", {}).items():
            for text in (name, str(field.label or "")):
                if word.search(without_accents(text)):
                    found.add(f"{form.__name__}.{name}: {text}")
    assert found == set()
