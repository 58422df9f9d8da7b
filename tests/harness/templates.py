"""A variable that a template of ours uses and nobody gave is a mistake, conditions included.

Django prints nothing and goes on. Templates of libraries count on that; ours do not. A partial
names what it can do without: `{# optional: hint, tone #}`. In a condition, going through None is
meant (`{% if case.holder.name %}`): what is refused is a name that the object does not have.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.template import base
from tests.harness.findings import Findings

OURS = str(Path(__file__).resolve().parents[2] / "src" / "raccord")
_OPTIONAL = re.compile(r"\{#\s*optional:\s*([\w\s,]+?)\s*#\}")


@cache
def optional_names(template: str) -> frozenset[str]:
    """What the template of this path says it can do without."""
    text = Path(template).read_text("utf-8")
    return frozenset(" ".join(_OPTIONAL.findall(text)).replace(",", " ").split())


def watch(patch: pytest.MonkeyPatch, findings: Findings) -> None:
    resolve_expression = base.FilterExpression.resolve
    look_up = base.Variable._resolve_lookup  # type: ignore[attr-defined]
    render_node = base.Node.render_annotated
    in_condition = [False]
    rendering = [""]  # the template that holds the node: not the one it extends

    def render_annotated(self: Any, context: Any) -> Any:
        before, rendering[0] = rendering[0], str(getattr(self.origin, "name", ""))
        try:
            return render_node(self, context)
        finally:
            rendering[0] = before

    def resolve(self: Any, context: Any, ignore_failures: bool = False) -> Any:
        before, in_condition[0] = in_condition[0], ignore_failures
        try:
            return resolve_expression(self, context, ignore_failures)
        finally:
            in_condition[0] = before

    def _resolve_lookup(self: Any, context: Any) -> Any:
        try:
            return look_up(self, context)
        except base.VariableDoesNotExist as missing:
            bit, held = missing.params
            first = bit == self.lookups[0]
            through_none = held is None and in_condition[0]
            ours = rendering[0].startswith(OURS)
            if ours and not through_none and not (first and bit in optional_names(rendering[0])):
                name = Path(rendering[0]).relative_to(OURS)
                kind = "" if first else f" ({type(held).__name__} has no {bit})"
                findings.add("undefined", f"{{{{ {self.var} }}}} in {name}{kind}")
            raise

    patch.setattr(base.Node, "render_annotated", render_annotated)
    patch.setattr(base.FilterExpression, "resolve", resolve)
    patch.setattr(base.Variable, "_resolve_lookup", _resolve_lookup)
