"""Depositing registers."""

from collections.abc import Mapping
from typing import Any

from django import forms

from raccord.detection.models import Feed
from raccord.territory.models import Structure

#: A register, or a school whose first one is deposited.
Base = Feed | Structure


class SeveralFiles(forms.ClearableFileInput):
    """One or several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of files; the browser's own wording is not ours."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file by itself; none is an error."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in files]


class UploadForm(forms.Form):
    """Files, and the register they are of when it is known."""

    feed = forms.ChoiceField(
        label="Base",
        required=False,
        error_messages={
            "required": "Choisissez la base que vous déposez.",
            "invalid_choice": "Cette base n’est pas parmi les vôtres : choisissez-en une autre.",
        },
    )
    files = FilesField(  # type: ignore[assignment]  # a field leaves no attribute of its name
        label="Fichiers",
        widget=SeveralFiles(attrs={"multiple": True}),
        error_messages={
            "required": "Choisissez au moins un fichier : l’export de votre logiciel.",
            "empty": "Ce fichier est vide : refaites l’export, puis déposez-le à nouveau.",
        },
    )
    because = forms.CharField(
        label="Accepter malgré un doute, parce que",
        required=False,
        max_length=280,
        help_text="À remplir seulement si un premier dépôt a été mis de côté à tort.",
    )

    def __init__(self, *args: Any, bases: Mapping[str, Base], recognise: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.bases, field = bases, self.fields["feed"]
        named = [(key, _named(base)) for key, base in bases.items()]
        if recognise:
            named.insert(0, ("", "Reconnaître la base d’après le fichier"))
        field.choices = named  # type: ignore[attr-defined]
        field.initial = named[0][0] if named else ""
        #: With one base there is nothing to choose.
        self.only = next(iter(bases.values())) if len(bases) == 1 and not recognise else None
        field.required = not (self.only or recognise)

    def clean_feed(self) -> Base | None:
        """The register, or the school that has none yet."""
        return self.only or self.bases.get(self.cleaned_data["feed"])


def _named(base: Base) -> str:
    if isinstance(base, Feed):
        return base.label
    return f"{base.name} ({base.uai or 'sans UAI'})"
