"""`/r/<token>`: the family or the young person answers, without account, name or cookie."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from raccord.followup.letters import answering, forms, tokens
from raccord.followup.letters.vocabulary import AnswerKind

_FORMS = {
    AnswerKind.ENROLLED: forms.PlaceForm,
    AnswerKind.CALL_BACK: forms.CallBackForm,
    AnswerKind.LOOKING: forms.NothingForm,
    AnswerKind.NOT_NOW: forms.NotNowForm,
    AnswerKind.NOT_ME: forms.NothingForm,
}


# The token is the only key, and it is in the address: a forged form would have to know it. Without
# the check there is no cookie at all.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The question, the answer, and what was answered."""
    if answering.too_many_wrong(request.META["REMOTE_ADDR"]):
        return _page(request, "wait", {"link": None}, 429)
    key = tokens.typed(token)
    link = answering.read(key) if key else None
    if link is None:
        answering.note_wrong(request.META["REMOTE_ADDR"])
        return _page(request, "unknown", {"link": None}, 404)
    context = {"link": link, "family": link.audience == "family"}
    if link.answered:
        return _page(request, "answered", context)
    if link.expired:
        return _page(request, "expired", context, 410)
    said = request.POST.get("said") or request.GET.get("reponse") or ""
    if said not in AnswerKind.values:
        return _page(request, "question", context)
    kind = AnswerKind(said)
    if request.method != "POST":
        return _page(request, "say", context | {"said": kind, "form": _FORMS[kind]()})
    return _answered(request, key, kind, context)


def _answered(
    request: HttpRequest, token: str, kind: AnswerKind, context: dict[str, Any]
) -> HttpResponse:
    form: Any = _FORMS[kind](request.POST)
    context |= {"said": kind, "form": form}
    if not form.is_valid():
        return _page(request, "say", context)
    given: dict[str, Any] = form.cleaned_data
    if kind == AnswerKind.ENROLLED:
        chosen = request.POST.get("chosen", "")
        places = answering.places(given["place"], context["link"].academie)
        structure = next((one for one in places if str(one.pk) == chosen), None)
        if structure is None and chosen != "typed":
            missing = "chosen" in request.POST or "asked" in request.POST
            return _page(request, "places", context | {"places": places, "missing": missing})
        values = {"structure": structure.pk if structure else None, "place": given["place"]}
        if structure:
            values["place"] = ""
    elif kind == AnswerKind.CALL_BACK:
        recall = date.fromisoformat(given["recall_on"])
        values = {"phone": given["phone"], "moment": given["moment"], "recall_on": recall}
    elif kind == AnswerKind.NOT_NOW:
        values = {"recall_on": timezone.localdate() + timedelta(weeks=given["weeks"])}
    else:
        values = {}
    try:
        answering.answer(token, said=kind, **values)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, "say", context)
    # Answered now, or by somebody else meanwhile: the same page tells which.
    return redirect("followup:answer", token=tokens.shown(token))


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    response = render(request, f"followup/letters/public/{name}.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
