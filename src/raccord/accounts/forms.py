"""Forms of accounts."""

from typing import ClassVar

from django import forms

from raccord.accounts.models import User


class Identity(forms.ModelForm):  # type: ignore[type-arg]  # Django has no such subscript
    """How colleagues reach me."""

    class Meta:
        model = User
        fields: ClassVar = ["first_name", "last_name", "phone"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ("first_name", "last_name"):
            self.fields[name].required = True
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"
        self.fields["phone"].widget.attrs.update(autocomplete="tel", inputmode="tel")
        self.fields["phone"].help_text = "Numéro de travail, par exemple 02 40 00 00 00."

    def clean_phone(self) -> str:
        given: str = self.cleaned_data["phone"]
        bare = "".join(c for c in given if c.isdigit() or c == "+")
        if given and not (9 <= len(bare.lstrip("+")) <= 15):
            raise forms.ValidationError(
                f"« {given} » n’est pas un numéro de téléphone. Saisissez dix chiffres, par "
                "exemple 02 40 00 00 00."
            )
        return given.strip()
