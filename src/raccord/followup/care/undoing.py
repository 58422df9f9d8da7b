"""Taking back an act of the care: the row it made goes away, or is as it was."""

from typing import Any

from raccord.followup.care.models import Interview, Proposal, Recommendation, Review
from raccord.followup.models.acts import TimelineEvent
from raccord.followup.models.cases import Case

_MODELS: dict[str, type[Any]] = {
    model.__name__: model for model in (Interview, Proposal, Recommendation, Review)
}


def made(row: Any) -> dict[str, Any]:
    """What `put_back` needs to remove a row that an act made."""
    return {"care": [type(row).__name__, str(row.pk), None]}


def changed(row: Any, *fields: str) -> dict[str, Any]:
    """What `put_back` needs to give these fields of a row their values of before the act."""
    values = {name: row.serializable_value(name) for name in fields}
    kept = {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }
    return {"care": [type(row).__name__, str(row.pk), kept]}


def put_back(case: Case, event: TimelineEvent, former: list[Any]) -> None:
    """The inverse of `made` and `changed`."""
    name, key, values = former
    model = _MODELS[name]
    rows = model.objects.filter(pk=key, case=case)
    if values is None:
        rows.delete()
        return
    read = {n: model._meta.get_field(n).to_python(v) for n, v in values.items()}  # noqa: SLF001
    rows.update(**read)
