"""Depositing registers."""

from typing import Any

from django import forms

from raccord.detection.models import Feed


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

    feed = forms.ModelChoiceField(
        label="Base",
        queryset=Feed.objects.none(),
        required=False,
        empty_label="Reconnaître la base d’après le fichier",
        error_messages={
            "invalid_choice": "Cette base n’est pas parmi les vôtres : choisissez-en une autre."
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
