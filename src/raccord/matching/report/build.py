"""Writes the report of a comparison: `report.html`, and one page per school beyond 5,000 rows."""

import base64
import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

import pyarrow as pa

from raccord.matching import wording
from raccord.matching.report import pages
from raccord.matching.report.people import Group, Listing, escaped, list_people

#: A page never embeds more young people than this (issue 2): beyond, one page per school.
MAX_PEOPLE_PER_PAGE = 5000

_HERE = Path(__file__).parent


def _compact(text: str) -> str:
    """Indentation and line ends out: every page carries its own style and script."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _shell(day: date) -> Template:
    """The page with its style and script in place; `title` and `body` remain."""
    css = re.sub(r"\s*([{};,])\s*", r"\1", _compact((_HERE / "report.css").read_text("utf-8")))
    css = re.sub(r"(?<=[\w-]): ", ":", css).replace(";}", "}")
    script = _compact((_HERE / "report.js").read_text("utf-8"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = Template((_HERE / "page.html").read_text("utf-8"))
    return Template(
        page.safe_substitute(
            css=css, js=script.replace("$", "$$"), script_hash=digest, day=wording.day(day)
        )
    )


def _write(path: Path, parts: Iterable[bytes | memoryview]) -> Path:
    """Write a page readable by its owner only: it names young people."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        rest = memoryview(b"".join(parts))
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)
    return path


def _lists(
    listing: Listing, groups: Sequence[Group], first: bool = True
) -> list[bytes | memoryview]:
    parts: list[bytes | memoryview] = []
    if first and not any(group.section == "verifier" for group in groups):
        parts.append(pages.EMPTY_LIST.encode())
    for group in groups:
        parts.append(pages.list_opening(group).encode())
        parts.extend(listing.rows(group.start, group.stop))
        parts.append(pages.LIST_CLOSING.encode())
    return parts


def _parts(groups: Sequence[Group]) -> Iterable[list[Group]]:
    """Cut a page that would embed too many young people into several."""
    if sum(group.rows for group in groups) <= MAX_PEOPLE_PER_PAGE:
        yield list(groups)
        return
    page: list[Group] = []
    room = MAX_PEOPLE_PER_PAGE
    for group in groups:
        start = group.start
        while start < group.stop:
            stop = min(group.stop, start + room)
            page.append(
                Group(group.uai, group.section, stop - start, group.persons, group.minors, start,
                      stop)
            )  # fmt: skip
            room -= stop - start
            start = stop
            if room == 0:
                yield page
                page, room = [], MAX_PEOPLE_PER_PAGE
    if page:
        yield page


def _school_pages(
    out: Path,
    listing: Listing,
    names: Mapping[str, str | None],
    coverage: pages.Coverage,
    day: date,
) -> list[Path]:
    folder = out / "ecoles"
    folder.mkdir(mode=0o700, exist_ok=True)
    head, neck, tail = (
        _shell(day).safe_substitute(title="\ue010", body="\ue011").partition("\ue010")
    )
    neck, _, tail = tail.partition("\ue011")
    closing = (
        pages.coverage_section(coverage, warnings_only=True)
        + pages.questions_section(coverage)
        + tail
    ).encode()
    form = pages.tools(listing.lanes, with_schools=False).encode()
    freshness = wording.freshness(coverage)
    written = []
    for uai, members in groupby(listing.groups, key=lambda group: group.uai):
        groups = list(members)
        name = names.get(uai) or ""
        where = (f"{name} ({uai})" if name else uai) or "Établissement non précisé"
        main = next((group for group in groups if group.section == "verifier"), None)
        opening = pages.headline(
            main.persons if main else 0, main.minors if main else 0, freshness, where
        )
        title = f"{escaped(where)}\u00a0: jeunes à vérifier"
        parts = list(_parts(groups))
        for rank, page in enumerate(parts, start=1):
            tabs = pages.tabs({group.section: group.persons for group in page})
            others = pages.other_parts(uai, rank, len(parts))
            written.append(
                _write(
                    folder / pages.page_name(uai, rank),
                    [f"{head}{title}{neck}{opening}{tabs}{others}".encode(), form,
                     *_lists(listing, page, rank == 1), closing],
                )
            )  # fmt: skip
    return written


def write_report(
    out: Path,
    *,
    summary: Mapping[str, Any],
    coverage: pages.Coverage,
    schools: pa.Table,
    people: pa.Table,
    generated_for: date,
) -> list[Path]:
    """Write `report.html` in the folder `out`, and `ecoles/` when one page cannot hold everyone.

    `summary["counts"]` feeds the funnel; `coverage` is one mapping per register; `schools` has one
    row per school (uai, name, left, found...); `people` one row per enrolment of
    *before* of somebody missing, in review or found fragile. A column absent from `people` counts
    as null. Returns the files written, the main page first.
    """
    counts: Mapping[str, Any] = summary.get("counts") or {}
    listing, split = list_people(people, schools, coverage, generated_for, MAX_PEOPLE_PER_PAGE)
    sizes = {section: persons for section, (_, persons, _) in listing.totals.items()}
    _, persons, minors = listing.totals.get("verifier", (0, 0, 0))
    known = sorted(
        schools.select(["uai", "name", "left", "found"]).to_pylist(),
        key=lambda school: (-listing.by_school.get(school["uai"], {}).get("verifier", 0),
                            school.get("name") or school["uai"] or ""),
    )  # fmt: skip
    opening = (
        pages.headline(persons, minors, wording.freshness(coverage))
        + pages.tabs(sizes, pages.landmarks(len(known)), "etablissements" if split else "")
        + pages.funnel_section(counts, sizes, linked=not split)
        + pages.charts_section(listing)
        + pages.coverage_section(coverage)
    )
    if len(known) > 1:
        opening += pages.schools_section(known, listing, pages=split)
    lists: list[bytes | memoryview] = []
    if not split:
        lists = [
            pages.tools(listing.lanes, with_schools=len(known) > 1).encode(),
            *_lists(listing, listing.groups),
        ]
    closing = pages.excluded_section(counts) + pages.questions_section(coverage)
    shell = _shell(generated_for).safe_substitute(
        title=f"Jeunes à vérifier, {wording.day(generated_for)}", body="\ue011"
    )
    head, _, tail = shell.partition("\ue011")
    written = [
        _write(
            out / "report.html",
            [f"{head}{opening}".encode(), *lists, f"{closing}{tail}".encode()],
        )
    ]
    if split:
        names = {school["uai"]: school.get("name") for school in known}
        written += _school_pages(out, listing, names, coverage, generated_for)
    return written
