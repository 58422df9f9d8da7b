"""A reading made at every request, whose SQL is composed once a process.

Django composes the SQL of a queryset each time it is read: with a few joins, that is most of what
the reading costs. From one request to the next only the values change.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable


class Composed:
    """`queryset(**values)`, composed with stand-ins: values that nothing else in it equals.

    Give stand-ins of the very type of the values to come: what Django makes of a value when it
    composes (None becomes IS NULL) is not made again.
    """

    def __init__(self, queryset: Callable[..., QuerySet[Any]], **stand_ins: Any) -> None:
        self._queryset = queryset
        self._stand_ins = stand_ins

    def read(self, **values: Any) -> list[Any]:
        """The rows for these values: one query, like the queryset's. A fresh copy of the compiler
        each time: threads share what was composed, never a connection."""
        made, compiler, sql, parameters = self._composed
        given = tuple(values[name] if name else parameter for name, parameter in parameters)
        compiler = copy(compiler)
        compiler.connection = connections[made.db]
        compiler.as_sql = lambda *_, **__: (sql, given)
        query = copy(made.query)
        query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(ModelIterable(QuerySet(made.model, query, made.db)))

    @cached_property
    def _composed(self) -> tuple[QuerySet[Any], Any, str, list[tuple[str, Any]]]:
        made = self._queryset(**self._stand_ins)
        compiler = made.query.get_compiler(made.db)
        sql, found = compiler.as_sql()
        parameters = [(self._name(parameter), parameter) for parameter in found]
        missing = self._stand_ins.keys() - {name for name, _ in parameters}
        if missing:
            raise ValueError(f"{', '.join(missing)}: the value is nowhere in what was composed")
        return made, compiler, sql, parameters

    def _name(self, parameter: Any) -> str:
        """Of the value that this parameter stands for; empty for one that never changes."""
        for name, value in self._stand_ins.items():
            if type(parameter) is type(value) and parameter == value:
                return name
        return ""
