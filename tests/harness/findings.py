"""What the harness has found during a test, and what the test says it allows.

`@pytest.mark.allows("undefined", …)` lets a check pass in one test; it fails once it is not needed.
"""

from collections.abc import Iterable

import pytest

#: Every check, and what to do when it fails.
CHECKS = {
    "undefined": "Give the template this variable, or name it in {# optional: … #} at its top.",
    "script": "The strict CSP refuses it: a file of static/, and data-… attributes.",
    "style": "The strict CSP refuses it: a class of raccord.css or of the DSFR.",
    "leftover": "Something of the template reached the page.",
    "none": "« None » reached the page: say it in French, or say nothing.",
    "csrf": "A form that posts carries {% csrf_token %}; one that gets must not leak it.",
    "id": "An id names one element of the page; a label or a description points at one that is.",
    "structure": "HTML is well formed, in French, with one title and one h1.",
    "outside": "A page loads nothing from another host.",
    "headers": "A page says no-store and carries the strict CSP.",
    "dates": "A datetime is not a date: localdate(value) says in which time zone.",
    "lock": "select_for_update(of=…): a join must not lock the other tables.",
    "stale": "save(update_fields=…) forgets a field that dates itself (auto_now).",
}


class Findings:
    """Of one test."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.allowed = set(allowed)
        self.needed: set[str] = set()
        self.found: list[tuple[str, str]] = []
        unknown = self.allowed - CHECKS.keys()
        if unknown:
            raise pytest.UsageError(
                f"mark.allows: {', '.join(sorted(unknown))} is no check of ours"
            )

    def add(self, check: str, what: str) -> None:
        if check in self.allowed:
            self.needed.add(check)
        elif (check, what) not in self.found:
            self.found.append((check, what))

    def raise_any(self, where: str = "") -> None:
        """Fail with everything found since the last time."""
        found, self.found = self.found, []
        if found:
            lines = [f"[{check}] {what}" for check, what in found]
            advice = [f"  {check}: {CHECKS[check]}" for check in dict.fromkeys(c for c, _ in found)]
            raise AssertionError("\n".join([where, *lines, *advice]))

    def raise_unneeded(self) -> None:
        unneeded = self.allowed - self.needed
        assert not unneeded, f"mark.allows is not needed any more: {', '.join(sorted(unneeded))}"
