"""The page behind the link of an invitation."""

from allauth.account.internal import flows
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from raccord.accounts import services
from raccord.accounts.forms import Claim, NewAccount
from raccord.accounts.models import Invitation, User
from raccord.accounts.views.refused import said


@sensitive_post_parameters("password1", "password2")
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Claim a structure, join with one's account, or open one. A link that no longer serves and one
    that never existed answer the same."""
    asked = services.found(token)
    if asked is None:
        return render(request, "accounts/invitation_over.html", status=404)
    if asked.is_claim:
        return _claim(request, token, asked)
    if request.user.is_authenticated:
        return _join(request, token, asked)
    if User.objects.filter(email=asked.email).exists():
        return render(request, "accounts/invitation_sign_in.html", {"invitation": asked})
    return _open_account(request, token, asked)


def _claim(request: HttpRequest, token: str, asked: Invitation) -> HttpResponse:
    form = Claim(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.claim(token, **form.cleaned_data)
        except services.Refused as refusal:
            said(form, refusal)
        else:
            return render(request, "accounts/claimed.html", {"invitation": made})
    return render(request, "accounts/claim.html", {"form": form, "invitation": asked})


def _join(request: HttpRequest, token: str, asked: Invitation) -> HttpResponse:
    refusal = None
    if request.method == "POST":
        try:
            services.accept_invitation(token, user=request.user)  # type: ignore[arg-type]
        except services.Refused as refused:
            refusal = refused
        else:
            messages.success(request, f"Vous avez rejoint {asked.structure}.")
            return HttpResponseRedirect("/")
    return render(request, "accounts/join.html", {"invitation": asked, "refusal": refusal})


def _open_account(request: HttpRequest, token: str, asked: Invitation) -> HttpResponse:
    named = {"first_name": asked.first_name, "last_name": asked.last_name}
    form = NewAccount(request.POST or None, initial=named, user=User(email=asked.email, **named))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = services.accept_invitation(
                token,
                first_name=given["first_name"],
                last_name=given["last_name"],
                password=given["password1"],
            )
        except services.Refused as refusal:
            said(form, refusal)
        else:
            credentials = {"email": user.email, "password": given["password1"]}
            login = Login(user=user, email=user.email, redirect_url=reverse("accounts:welcome"))
            entered: HttpResponse = flows.login.perform_password_login(request, credentials, login)
            return entered
    return render(request, "accounts/open_account.html", {"form": form, "invitation": asked})


def welcome(request: HttpRequest) -> HttpResponse:
    """Where a new account starts: the second factor is asked on the way when there must be one."""
    return HttpResponseRedirect("/")
