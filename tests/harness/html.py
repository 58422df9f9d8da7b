"""What a page must never hold, read from the page itself."""

import re
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

from tests.harness.findings import Findings

_VOID = set("area base br col embed hr img input link meta source track wbr".split())
_DATA = {"application/json", "application/ld+json"}
_LEFTOVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_NONE = re.compile(r"\bNone\b|\bundefined\b|\bNaN\b|<\w+ object at |<QuerySet")
_ANOTHER_HOST = re.compile(r"\s*(?:https?:)?//", re.I)
_LOADS = {
    "script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
    "object": "data", "form": "action",
}  # fmt: skip
_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")\w+')
_READ: dict[bytes, tuple[tuple[str, str], ...]] = {}
_POINTS = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form", "list", "headers")


class Page(HTMLParser):
    """Reads a page once; what is wrong goes to `findings`."""

    def __init__(self, findings: Findings) -> None:
        super().__init__()
        self._findings = findings
        self._open: list[tuple[str, int]] = []
        self._ids: Counter[str] = Counter()
        self._tags: Counter[str] = Counter()
        self._pointed: list[tuple[str, str, str]] = []
        self._form: dict[str, Any] | None = None
        self._language = ""
        self._title = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._tags[tag] += 1
        if tag not in _VOID:
            self._open.append((tag, self.getpos()[0]))
        for name, value in given.items():
            if name.startswith("on") or value.strip().lower().startswith("javascript:"):
                self._wrong("script", f"<{tag} {name}={value!r}>")
            if name == "style":
                self._wrong("style", f"<{tag} style={value!r}>")
            if _LEFTOVER.search(value) or _NONE.search(value):
                self._wrong(
                    "leftover" if _LEFTOVER.search(value) else "none", f"<{tag} {name}={value!r}>"
                )
        if tag == "script" and not given.get("src") and given.get("type") not in _DATA:
            self._wrong("script", "<script> without src")
        if tag == "style":
            self._wrong("style", "<style>")
        if given.get("id"):
            self._ids[given["id"]] += 1
        elif "id" in given:
            self._wrong("id", f"<{tag}> has an empty id")
        for name in _POINTS:
            self._pointed += [(tag, name, to) for to in given.get(name, "").split()]
        address = given.get(_LOADS.get(tag, ""), "")
        if tag == "link" and "canonical" not in given.get("rel", ""):
            address = given.get("href", "")
        if _ANOTHER_HOST.match(address):
            self._wrong("outside", f"<{tag}> {address}")
        if tag == "html":
            self._language = given.get("lang", "")
        self._read_form(tag, given)

    def _read_form(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            if self._form is not None:
                self._wrong("structure", "a form inside a form")
            method = given.get("method", "get").lower()
            self._form = {"method": method, "action": given.get("action", ""), "token": False}
        elif tag == "input" and given.get("name") == "csrfmiddlewaretoken" and self._form:
            self._form["token"] = True

    def _end_form(self) -> None:
        form, self._form = self._form, None
        if form is None or form["method"] == "dialog":
            return
        if (form["method"] == "post") != form["token"]:
            wrong = "leaks the token" if form["token"] else "has no token"
            self._wrong("csrf", f"<form method={form['method']} action={form['action']!r}> {wrong}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._end_form()
        if tag in _VOID:
            return
        if not self._open or self._open[-1][0] != tag:
            opened = (
                f"<{self._open[-1][0]}> of line {self._open[-1][1]}" if self._open else "nothing"
            )
            self._wrong("structure", f"</{tag}> closes {opened}")
            while self._open and any(name == tag for name, _ in self._open):
                if self._open.pop()[0] == tag:
                    return
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        inside = self._open[-1][0] if self._open else ""
        if inside == "title":
            self._title += data
        if inside in {"script", "style"}:
            return
        if found := _LEFTOVER.search(data):
            self._wrong("leftover", f"{found[0]} in {data.strip()[:80]!r}")
        if found := _NONE.search(data):
            self._wrong("none", f"{found[0]} in {data.strip()[:80]!r}")

    def finish(self) -> None:
        """What only the whole page tells. A part of a page (htmx) has neither title nor h1."""
        self.close()
        for name, line in self._open:
            self._wrong("structure", f"<{name}> of line {line} is never closed")
        for name, times in self._ids.items():
            if times > 1:
                self._findings.add("id", f"id={name!r} is given {times} times")
        for tag, name, to in self._pointed:
            if to not in self._ids:
                self._findings.add("id", f"<{tag} {name}={to!r}> points at nothing")
        if self._tags["html"]:
            for tag in ("h1", "main", "title"):
                if self._tags[tag] != 1 and not (tag == "title" and self._tags["svg"]):
                    self._findings.add("structure", f"{self._tags[tag]} <{tag}>")
            if self._language != "fr":
                self._findings.add("structure", f"<html lang={self._language!r}>")
            if not self._title.split("–", maxsplit=1)[0].strip():
                self._findings.add("structure", f"the title says nothing: {self._title!r}")

    def _wrong(self, check: str, what: str) -> None:
        self._findings.add(check, f"line {self.getpos()[0]}: {what}")


def read(text: str, findings: Findings) -> None:
    """Check a page, or the part of one."""
    # The same page comes hundreds of times (what does not exist): it is read once a process.
    same = sha256(_TOKEN.sub(r"\1", text).encode()).digest()
    if same not in _READ:
        alone = Findings()
        page = Page(alone)
        page.feed(text)
        page.finish()
        _READ[same] = tuple(alone.found)
    for check, what in _READ[same]:
        findings.add(check, what)
