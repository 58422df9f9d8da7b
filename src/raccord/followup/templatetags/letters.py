"""What other pages show of letters and answers."""

from typing import Any

from django import template

from raccord.followup.models import Case
from raccord.followup.rights import Act

register = template.Library()


@register.inclusion_tag("followup/letters/on_sheet.html", takes_context=True)
def waiting_answers(context: dict[str, Any], case: Case, able: dict[str, Any]) -> dict[str, Any]:
    """The answers that wait for a decision: one query; notes are not for everybody."""
    shown = bool(able[Act.NOTES])
    return {
        "answers": list(case.answers.waiting().select_related("structure", "event"))
        if shown
        else [],
        "may": bool(able[Act.SITUATION]),
        "request": context.get("request"),
        "csrf_token": context.get("csrf_token"),
    }
