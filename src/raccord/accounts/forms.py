"""Forms of accounts."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms

from raccord.accounts import deposit
from raccord.accounts.models import Scope, User
from raccord.accounts.roles import Role
from raccord.accounts.sign_in_forms import NewPassword


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


_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_TITLES = [
    ("chef d’établissement ou responsable", "Je dirige la structure"),
    ("adjoint", "Je suis son adjoint ou son adjointe"),
    ("par intérim", "J’assure l’intérim"),
]


class Claim(forms.Form):
    """Whoever reads the mailbox of the structure says who they are."""

    title = forms.ChoiceField(label="Vous êtes", choices=_TITLES, widget=forms.RadioSelect)
    first_name = forms.CharField(label="Prénom", max_length=80)
    last_name = forms.CharField(label="Nom", max_length=80)
    email = forms.EmailField(
        label="Votre courriel professionnel",
        help_text="Le vôtre, pas celui de la structure : un lien y part tout de suite.",
    )
    ends_on = forms.DateField(
        label="Jusqu’au", required=False, widget=_DATE, help_text="Pour un intérim, sa date de fin."
    )


class NewAccount(NewPassword):
    """A first account: who one is, and a password."""

    first_name = forms.CharField(label="Prénom", max_length=80)
    last_name = forms.CharField(label="Nom", max_length=80)
    field_order = ("first_name", "last_name", "password1", "password2")


class Invite(forms.Form):
    """Somebody to authorise in a structure."""

    email = forms.EmailField(label="Courriel professionnel")
    role = forms.ChoiceField(label="Rôle")
    title = forms.CharField(
        label="Fonction",
        max_length=60,
        required=False,
        help_text="Par exemple CPE, DDFPT, adjoint.",
    )
    scope = forms.ChoiceField(
        label="Étendue", choices=Scope.choices, required=False, initial=Scope.WHOLE
    )
    classes = forms.MultipleChoiceField(
        label="Classes",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Si l’étendue est « certaines classes ».",
        error_messages={
            "invalid_choice": "« %(value)s » n’est pas une classe connue de cet établissement : "
            "cochez celles qui sont proposées."
        },
    )
    search = forms.CharField(
        label="Chercher un élève par son nom",
        required=False,
        max_length=80,
        help_text="Si l’étendue est « certains élèves » : cherchez-les, puis cochez-les.",
    )
    pupils = forms.MultipleChoiceField(
        label="Élèves confiés",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choisissez parmi les élèves proposés."},
    )
    starts_on = forms.DateField(label="À partir du", required=False, widget=_DATE)
    ends_on = forms.DateField(label="Jusqu’au", required=False, widget=_DATE)

    def __init__(
        self,
        *args: Any,
        roles: Iterable[Role] = (),
        classes: Sequence[str] = (),
        pupils: Sequence[tuple[UUID, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        given = sorted(roles, key=list(Role).index)
        self._offer("role", [(role.value, role.label) for role in given])
        if Role.CORRESPONDENT in given:
            self.fields["role"].initial = Role.CORRESPONDENT.value  # not another head by mistake
        self._offer("classes", [(label, label) for label in classes])
        self._offer("pupils", [(str(pk), who) for pk, who in pupils])
        chosen = {str(pk) for pk in self.initial.get("pupils", ())}
        #: Whether a search found somebody else than those already chosen.
        self.found = any(str(pk) not in chosen for pk, _ in pupils)
        if Role.CORRESPONDENT not in given:
            for name in ("scope", "classes", "search", "pupils"):
                self.fields.pop(name, None)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Choices of a field; one that would offer nothing is not shown."""
        field = self.fields[name]
        if not choices and name != "role":
            del self.fields[name]
        elif isinstance(field, forms.ChoiceField):
            field.choices = choices

    def values(self) -> dict[str, Any]:
        """What the service receives."""
        return {name: value for name, value in self.cleaned_data.items() if name != "search"}

    def clean_scope(self) -> str:
        return self.cleaned_data["scope"] or Scope.WHOLE

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean_pupils(self) -> list[UUID]:
        return [UUID(part) for part in self.cleaned_data["pupils"]]


class Deposit(forms.Form):
    """The file that equips a territory, or nothing: the directory itself."""

    file = forms.FileField(
        label="Fichier des structures",
        required=False,
        help_text="CSV ou XLSX, une ligne par structure : uai (ou siret), courriel. Sans fichier, "
        "l’annuaire suffit.",
    )

    def clean_file(self) -> list[deposit.Row] | None:
        given = self.cleaned_data["file"]
        if not given:
            return None
        try:
            return deposit.read(given)
        except deposit.Unreadable as refusal:
            raise forms.ValidationError(str(refusal)) from None


class Opinion(forms.Form):
    """« Donner mon avis »."""

    screen = forms.CharField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label="Votre avis",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="1 000 signes au plus. N’y nommez aucun jeune.",
        error_messages={"required": "Écrivez au moins une phrase."},
    )
