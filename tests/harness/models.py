"""What PostgreSQL forgives on a small table and not on a large one, or on another day."""

import random
from datetime import datetime
from typing import Any

import pytest
from django.db import models
from django.db.models.functions import Random
from django.db.models.signals import pre_save
from django.db.models.sql import compiler
from tests.harness.findings import Findings


def _is_ours(model: Any) -> bool:
    return model is not None and model.__module__.startswith(("raccord.", "tests."))


def shuffle_unordered(patch: pytest.MonkeyPatch) -> None:
    """A queryset without an order has none: its rows come in another one at each reading."""
    pairs_of = compiler.SQLCompiler._order_by_pairs  # type: ignore[attr-defined]

    def _order_by_pairs(self: Any) -> Any:
        pairs = list(pairs_of(self))
        query = self.query
        bound = query.distinct or query.combinator or (query.subquery and not query.is_sliced)
        if not pairs and not bound and _is_ours(query.model) and not _is_aggregate(query):
            yield models.OrderBy(Random()), False
        yield from pairs

    patch.setattr(compiler.SQLCompiler, "_order_by_pairs", _order_by_pairs)


def _is_aggregate(query: Any) -> bool:
    """One row whatever happens: nothing to shuffle."""
    expressions = query.annotation_select.values()
    return query.group_by is None and any(e.contains_aggregate for e in expressions)


def watch(patch: pytest.MonkeyPatch, findings: Findings) -> None:
    _watch_locks(patch, findings)
    _watch_dates(patch, findings)

    def forgets(sender: Any, update_fields: Any, **options: Any) -> None:
        if update_fields is None or not _is_ours(sender):
            return
        for field in sender._meta.concrete_fields:
            if getattr(field, "auto_now", False) and field.name not in update_fields:
                findings.add("stale", f"{sender.__name__}.{field.name}")

    patch.setattr(pre_save, "receivers", list(pre_save.receivers))
    pre_save.sender_receivers_cache.clear()
    pre_save.connect(forgets, weak=False, dispatch_uid=f"stale {random.random()}")


def _watch_locks(patch: pytest.MonkeyPatch, findings: Findings) -> None:
    from_clause_of = compiler.SQLCompiler.get_from_clause

    def get_from_clause(self: Any) -> Any:
        tables, parameters = from_clause_of(self)
        query = self.query
        takes_all = query.select_for_update and not query.select_for_update_of
        if takes_all and len(tables) > 1 and _is_ours(query.model):
            findings.add("lock", f"{query.model.__name__}: {' '.join(tables)}")
        return tables, parameters

    patch.setattr(compiler.SQLCompiler, "get_from_clause", get_from_clause)


def _watch_dates(patch: pytest.MonkeyPatch, findings: Findings) -> None:
    to_python = models.DateField.to_python

    def checked(self: Any, value: Any) -> Any:
        if isinstance(value, datetime) and type(self) is models.DateField:
            findings.add("dates", f"{self} was given {value!r}")
        return to_python(self, value)

    patch.setattr(models.DateField, "to_python", checked)
