"""Closed vocabularies, held by the database too."""

from django.db import models


def one_of(
    field: str, choices: type[models.TextChoices] | list[str], *, blank: bool = False
) -> models.CheckConstraint:
    """Django checks choices in forms only: this refuses what a service or a statement would write.

    Whoever adds a value to a vocabulary adds the migration of this constraint with it.
    """
    values = list(choices) if isinstance(choices, list) else choices.values
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": ["", *values] if blank else values}),
        name=f"%(class)s_{field}_known",
    )
