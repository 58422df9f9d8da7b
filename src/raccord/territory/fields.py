"""Fields where a place is typed: names are proposed meanwhile, and recognised on the server.

Without a script the field is text; what is unknown or ambiguous comes back with the close names, as
buttons that send the form again with that name in it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.urls import reverse_lazy

from raccord.territory import finding
from raccord.territory.models import Structure

#: The button of a close name: « commune:44000 Nantes ».
CHOSEN = "choisi"


class PlaceField(forms.CharField):
    """Text that becomes a commune or an establishment; None when it is empty."""

    template_name = "territory/place_field.html"

    def __init__(
        self, *, find: Callable[[str, Sequence[str]], Any], proposals: Any, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.find = find
        self.widget.attrs |= {"data-propositions": proposals, "autocomplete": "off"}
        #: Codes of the départements or académies where a name is looked for first.
        self.near: Sequence[str] = ()
        #: Labels close to what was typed, where it was not recognised.
        self.close: list[str] = []

    def clean(self, value: Any) -> Any:
        """The commune or the establishment; an error keeps the close names."""
        said = super().clean(value)
        if not said:
            return None
        try:
            return self.find(said, self.near)
        except finding.NotOne as error:
            self.close = error.close
            raise


class CommuneField(PlaceField):
    """A commune, by its name, its postcode or its INSEE code."""

    def __init__(self, **kwargs: Any) -> None:
        proposals = reverse_lazy("territory:communes")
        super().__init__(find=finding.commune, proposals=proposals, max_length=90, **kwargs)


class SchoolField(PlaceField):
    """An establishment that has pupils, by its name or its UAI."""

    def __init__(self, **kwargs: Any) -> None:
        proposals = reverse_lazy("territory:schools")
        # The longest name, its town and its UAI: what is proposed can be sent back.
        super().__init__(find=finding.school, proposals=proposals, max_length=260, **kwargs)


def with_choice(data: Any) -> Any:
    """What was sent, with the close name somebody chose in the field it is for."""
    field, colon, label = data.get(CHOSEN, "").partition(":")
    if not colon:
        return data
    kept = data.copy()
    kept[field] = label
    return kept


def near(structures: Sequence[Structure]) -> tuple[list[str], list[str]]:
    """Codes of the départements, and of the académies, of these structures."""
    departements = {s.departement_id for s in structures if s.departement_id}
    return sorted(departements), sorted({s.academie_id for s in structures if s.academie_id})
