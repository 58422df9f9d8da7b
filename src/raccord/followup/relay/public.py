"""`/p/<token>`: a partner without account answers one thing, without cookie."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from raccord.followup.letters.answering import note_wrong, too_many_wrong
from raccord.followup.relay import linking
from raccord.followup.relay.forms import ReplyForm, SendBackForm
from raccord.followup.relay.vocabulary import HandoverReason
from raccord.followup.vocabulary import Lane, Stage


# The token is the only key, and it is in the address: a forged form would have to know it, and the
# code too. Without the check there is no cookie at all.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def partner(request: HttpRequest, token: str) -> HttpResponse:
    """The code, then the card, then the answer."""
    visitor, key = request.META["REMOTE_ADDR"], linking.signed(token)
    tries = f"lien.{linking.digest(key)}" if key else visitor
    if too_many_wrong(visitor) or too_many_wrong(tries):
        return _page(request, "wait", {}, 429)
    offered = linking.read(key) if key else None
    if offered is None:
        note_wrong(visitor)
        return _page(request, "unknown", {}, 404)
    if offered.answered:
        return _page(request, "answered", {})
    if offered.over:
        return _page(request, "over", {"offered": offered}, 410)
    typed = request.POST.get("code", "")
    if request.method != "POST" or not linking.right_code(key, typed):
        if request.method == "POST":
            note_wrong(tries)
        context = {"structure": offered.structure, "wrong": request.method == "POST"}
        return _page(request, "code", context)
    return _confirmed(request, key, offered, typed)


def _confirmed(
    request: HttpRequest, token: str, offered: linking.Offered, code: str
) -> HttpResponse:
    said = request.POST.get("said", "")
    back, reply = SendBackForm(), ReplyForm()
    barred = linking.refusal(offered) if offered.reason else ""
    words = ""
    if said == "send_back":
        back = SendBackForm(request.POST)
        done = back.is_valid()
        words = back.cleaned_data.get("reason", "") if done else ""
    elif said == "reply":
        reply = ReplyForm(request.POST)
        done = reply.is_valid()
        words = reply.cleaned_data.get("text", "") if done else ""
    else:
        done = said == "accept" and not barred
    if done:
        taken = linking.answer(token, said, words)
        return _page(request, "thanks" if taken else "answered", _told(offered) | {"said": said})
    context = _told(offered) | {"code": code, "back": back, "reply": reply, "barred": barred}
    return _page(request, "card", context)


def _told(offered: linking.Offered) -> dict[str, Any]:
    return {
        "offered": offered,
        "age": offered.person.age(timezone.localdate()),
        "need": HandoverReason(offered.reason).label if offered.reason else "",
        "lane": Lane(offered.lane).label,
        "stage": Stage(offered.stage).label,
    }


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    response = render(
        request, f"followup/relay/public/{name}.html", {"link": None} | context, status=status
    )
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
