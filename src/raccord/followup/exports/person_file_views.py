"""The pages of the right of access: from the sheet, or by the reference of a case (DPO)."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from dsfr.forms import DsfrBaseForm

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.exports import person_file
from raccord.followup.models import Case
from raccord.followup.telling import capital
from raccord.followup.views.sheets import visible
from raccord.privacy import readings

_FORMATS = {
    "pdf": (person_file.as_pdf, "application/pdf"),
    "json": (person_file.as_json, "application/json; charset=utf-8"),
}


class CopyForm(DsfrBaseForm):  # type: ignore[misc]
    """To whom, in which format."""

    given = forms.ChoiceField(
        label="À qui est-elle remise ?",
        choices=[(code, capital(word)) for code, word in person_file.GIVEN.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites à qui cette copie est remise."},
    )
    format = forms.ChoiceField(
        label="Format",
        choices=[("pdf", "PDF, à lire et à imprimer"), ("json", "JSON, pour un logiciel")],
        widget=forms.RadioSelect,
        initial="pdf",
        error_messages={"required": "Choisissez un format."},
    )


class RequestForm(CopyForm):
    """The same, for somebody who sees no case: by its reference."""

    case = forms.UUIDField(
        label="Référence du dossier",
        error_messages={
            "required": "Donnez la référence du dossier : la structure qui suit ce jeune la lit "
            "sur sa page « Copie du dossier ».",
            "invalid": "Cette référence ne se lit pas : recopiez-la entière, tirets compris.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("case", "given", "format")


@require_http_methods(["GET", "POST"])
def of_case(request: HttpRequest, case: UUID) -> HttpResponse:
    """For whoever heads the structure that carries it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = visible(actor, case)
    if not person_file.may_make(actor, found):
        raise Http404
    readings.note(request, "sheet", [found.pk])
    form = CopyForm(request.POST or None)
    return _page(request, form, {"case": found, "person": found.person}, case)


@require_http_methods(["GET", "POST"])
def by_reference(request: HttpRequest) -> HttpResponse:
    """For the data protection officer, who sees no young person."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.has(Role.DPO):
        raise Http404
    return _page(request, RequestForm(request.POST or None), {}, None)


def _page(
    request: HttpRequest, form: Any, context: dict[str, Any], case: UUID | None
) -> HttpResponse:
    if form.is_bound and form.is_valid():
        asked = case or form.cleaned_data["case"]
        try:
            copy = person_file.make(asked, form.cleaned_data["given"])
        except ValidationError as error:
            form.add_error(None, error)
        except Case.DoesNotExist:
            readings.refused(request, asked)
            form.add_error(
                "case" if case is None else None,
                "Aucun dossier de votre académie ne porte cette référence.",
            )
        else:
            readings.note(request, "person_file", map(UUID, [*copy["persons"], *copy["cases"]]))
            return _download(copy, form.cleaned_data["format"])
    return render(request, "followup/exports/person_file.html", context | {"form": form})


def _download(copy: dict[str, Any], kind: str) -> HttpResponse:
    write, content_type = _FORMATS[kind]
    response = HttpResponse(write(copy), content_type=content_type)
    name = f"copie-du-dossier-{copy['case'][-8:]}-{timezone.localdate():%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
