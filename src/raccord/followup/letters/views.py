"""Preparing letters and messages, deciding of an answer, and the texts of a structure."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raccord.accounts.actors import Actor
from raccord.followup.letters import deciding, documents, services
from raccord.followup.letters.adapters import adapter_for
from raccord.followup.letters.forms import ConfirmForm, PrepareForm, TextForm
from raccord.followup.letters.models import Answer, LetterTemplate
from raccord.followup.letters.vocabulary import AnswerKind, Audience, Medium, Purpose
from raccord.followup.letters.wording import FIELDS
from raccord.followup.models import Case
from raccord.followup.rights import Act
from raccord.followup.services import Refused
from raccord.followup.views.lists import safe_address
from raccord.followup.views.sheets import visible
from raccord.matching.wording import count, typeset
from raccord.privacy import readings

_TYPES = {"pdf": "application/pdf", "odt": "application/vnd.oasis.opendocument.text"}


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


def _asked(request: HttpRequest) -> list[UUID]:
    """The cases ticked on a list (`identifier.version`), or those of the page before."""
    found = []
    for value in request.POST.getlist("case"):
        try:
            found.append(UUID(value.partition(".")[0]))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    """From the list: what to write to those who are ticked."""
    cases = _asked(request)
    back = safe_address(request.POST.get("retour", ""))
    if not cases:
        messages.warning(request, "Cochez d’abord un ou plusieurs jeunes.")
        return redirect(back)
    return _prepare(request, cases, back)


@require_GET
def prepare_one(request: HttpRequest, case: UUID) -> HttpResponse:
    """From the sheet."""
    visible(_actor(request), case)
    return _prepare(request, [case], reverse("followup:sheet", args=[case]))


def _prepare(
    request: HttpRequest, cases: list[UUID], back: str, form: PrepareForm | None = None
) -> HttpResponse:
    asked = services.addressable(_actor(request), cases)
    if len(asked) < len(cases):
        raise Http404
    readings.note(request, "letter", cases)
    rows, able = [], dict.fromkeys(Medium.values, 0)
    for case, recipient, refusal in asked:
        why = {m.value: refusal or recipient.why_not(m.value) for m in Medium}
        for medium, reason in why.items():
            able[medium] += not reason
        rows.append({"case": case, "recipient": recipient, "refusal": refusal, "why": why})
    media = [
        (
            m.value,
            typeset(
                f"{m.label.capitalize() if m != 'sms' else 'SMS'} : {_reached(able[m], len(rows))}"
            ),
        )
        for m in Medium
        if m == Medium.LETTER or adapter_for(m)
    ]
    if form is None:
        form = PrepareForm(media=media)
    else:
        form.fields["medium"].choices = media
    context = {
        "form": form,
        "rows": rows,
        "cases": cases,
        "back": back,
        "minors": sum(row["recipient"].audience == Audience.FAMILY for row in rows),  # type: ignore[attr-defined]
        "off": [m.label for m in Medium if m != Medium.LETTER and adapter_for(m) is None],
    }
    return render(request, "followup/letters/prepare.html", context)


def _reached(able: int, asked: int) -> str:
    if able == 0:
        return "impossible"
    if able == asked:
        return "possible" if asked == 1 else f"possible pour les {asked}"
    return f"possible pour {able} sur {asked}"


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Print the letters, or hand the messages to the worker."""
    cases, back = _asked(request), safe_address(request.POST.get("retour", ""))
    media = [(m.value, m.label) for m in Medium if m == Medium.LETTER or adapter_for(m)]
    form = PrepareForm(request.POST, media=media)
    if not cases:
        return redirect(back)
    if not form.is_valid():
        return _prepare(request, cases, back, form)
    purpose, medium = form.cleaned_data["purpose"], form.cleaned_data["medium"]
    try:
        if medium == Medium.LETTER and len(cases) > documents.MOST:
            raise ValidationError(
                f"{documents.MOST} courriers au plus à la fois : filtrez par classe."
            )
        batch = services.send(_actor(request), cases=cases, purpose=purpose, medium=medium)
        if not batch.written:
            reasons = "; ".join(sorted({reason for _, reason in batch.left_out}))
            raise ValidationError(
                f"Personne ne peut être joint ainsi ({reasons}). Choisissez un autre moyen."
            )
    except Case.DoesNotExist:
        raise Http404 from None
    except (ValidationError, Refused) as error:
        form.add_error(None, getattr(error, "messages", None) or str(error))
        return _prepare(request, cases, back, form)
    _tell(request, batch, medium)
    if medium != Medium.LETTER:
        readings.note(request, "letter", cases)
        return redirect(back)
    readings.note(request, "letter", [one.case.pk for one in batch.written])
    kind = "odt" if request.POST.get("format") == "odt" else "pdf"
    made = documents.odt(batch.written) if kind == "odt" else documents.pdf(batch.written)
    response = HttpResponse(made, content_type=_TYPES[kind])
    name = f"courriers-{purpose.replace('_', '-')}-{timezone.localdate():%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _tell(request: HttpRequest, batch: services.Batch, medium: str) -> None:
    number = len(batch.written)
    if medium == Medium.LETTER:
        said = count(number, "courrier prêt à imprimer", "courriers prêts à imprimer")
    elif medium == Medium.SMS:
        said = count(number, "SMS part dans la minute", "SMS partent dans la minute")
    else:
        said = count(number, "courriel part dans la minute", "courriels partent dans la minute")
    undo = reverse("followup:undo", args=[batch.events[0].pk])
    messages.success(request, typeset(f"{said}."), extra_tags=undo)
    if batch.left_out:
        names = ", ".join(
            f"{case.person.first_name} {case.person.last_name} ({reason})"
            for case, reason in batch.left_out[:5]
        )
        others = len(batch.left_out) - 5
        more = f" et {count(others, 'autre')}" if others > 0 else ""
        messages.warning(request, typeset(f"N’ont pas été écrits : {names}{more}."))


# --- Answers --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, answer: UUID) -> HttpResponse:
    """An answer is true: with which proof, when it is an enrolment."""
    actor = _actor(request)
    said = _answer(actor, answer)
    readings.note(request, "sheet", [said.case_id])
    ability = said.case.abilities(actor)[Act.SITUATION]
    back = reverse("followup:sheet", args=[said.case_id])
    if not ability:
        messages.error(request, ability.refusal)
        return redirect(back)
    enrolled = said.kind == AnswerKind.ENROLLED
    form = ConfirmForm(request.POST or None) if enrolled else None
    if request.method == "POST" and (form is None or form.is_valid()):
        given = form.cleaned_data if form else {}
        try:
            event = deciding.confirm(actor, answer=answer, **given)
        except (ValidationError, Refused) as error:
            messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
            return redirect(back)
        undo = reverse("followup:undo", args=[event.pk])
        messages.success(request, "La réponse est confirmée.", extra_tags=undo)
        return redirect(back)
    context = {
        "said": said,
        "case": said.case,
        "person": said.case.person,
        "form": form,
        "back": back,
    }
    return render(request, "followup/letters/confirm.html", context)


@require_POST
def set_aside(request: HttpRequest, answer: UUID) -> HttpResponse:
    """An answer is not kept."""
    actor = _actor(request)
    said = _answer(actor, answer)
    back = reverse("followup:sheet", args=[said.case_id])
    try:
        event = deciding.set_aside(actor, answer=answer)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(back)
    undo = reverse("followup:undo", args=[event.pk])
    messages.success(request, "La réponse n’est pas retenue.", extra_tags=undo)
    return redirect(back)


def _answer(actor: Actor, answer: UUID) -> Answer:
    found = Answer.objects.visible_to(actor).waiting().filter(pk=answer)
    one = found.select_related("case", "case__person", "structure").first()
    if one is None:
        raise Http404
    return one


# --- Texts ----------------------------------------------------------------------------------------


@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """The national texts, and those of one's own structures."""
    actor = _actor(request)
    mine = services.may_write_texts(actor)
    if not mine:
        raise Http404
    found = LetterTemplate.objects.visible_to(actor).select_related("structure", "approved_by")
    own = [text for text in found if text.structure_id]
    context = {
        "national": [text for text in found if not text.structure_id],
        "own": [(text, services.may_approve(actor, text.structure_id)) for text in own],
        "structures": mine,
    }
    return render(request, "followup/letters/texts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_text(request: HttpRequest, text: int) -> HttpResponse:
    """Write one's own text, from the national one or from one's own."""
    actor = _actor(request)
    source = LetterTemplate.objects.visible_to(actor).filter(pk=text).first()
    mine = {s.pk: s for s in services.may_write_texts(actor)}
    if source is None or not mine:
        raise Http404
    structure = source.structure_id or next(iter(mine))
    form = TextForm(request.POST or None, initial={"subject": source.subject, "body": source.body})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.write_text(
                actor,
                structure=structure,
                purpose=source.purpose,
                medium=source.medium,
                audience=source.audience,
                **form.cleaned_data,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = (
                "Votre texte est en service."
                if made.approved_at
                else "Votre texte attend l’accord de la direction ; d’ici là l’ancien sert."
            )
            messages.success(request, said)
            return redirect("followup:texts")
    context = {"text": source, "form": form, "fields": FIELDS, "structure": mine.get(structure)}
    return render(request, "followup/letters/text.html", context)


@require_POST
def approve_text(request: HttpRequest, text: int) -> HttpResponse:
    """The head approves."""
    try:
        services.approve_text(_actor(request), text=text)
    except LetterTemplate.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Le texte est en service.")
    return redirect("followup:texts")


PURPOSES = {p.value: p.label for p in Purpose}
