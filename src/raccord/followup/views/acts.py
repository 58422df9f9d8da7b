"""The acts, one page each: a form in French, which loses nothing of what was typed."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django.views.decorators.http import require_POST

from raccord.accounts.actors import Actor
from raccord.followup import forms, services
from raccord.followup.models import Candidate, Case, TimelineEvent
from raccord.followup.rights import Act, hides, may_declare
from raccord.followup.telling import departed, told
from raccord.followup.views.lists import safe_address
from raccord.followup.views.sheets import visible
from raccord.followup.vocabulary import Channel, ContactResult, SituationKind
from raccord.matching.wording import typeset
from raccord.privacy import readings

Save = Callable[..., Any]


class ActView(View):
    """A page that does one act on one case."""

    act: ClassVar[Act]
    form_class: ClassVar[Any] = forms.ConfirmForm
    title: ClassVar[str]
    button: ClassVar[str]
    done: ClassVar[str]
    intro: ClassVar[str] = ""
    template: ClassVar[str] = "followup/act.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.actor: Actor = request.actor  # type: ignore[attr-defined]
        self.case = visible(self.actor, kwargs["case"])
        self.ability = self.case.abilities(self.actor)[self.act]
        if not self.ability:
            readings.note(request, "sheet", [self.case.pk])
            context = {"case": self.case, "person": self.case.person, "ability": self.ability}
            return render(request, "followup/refused.html", context, status=403)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """The form, with what is known already."""
        return self.page(request, self.form(initial=self.first_values(request)))

    def first_values(self, request: HttpRequest) -> dict[str, Any]:
        """What the form proposes."""
        first = getattr(self.form_class, "first_values", None)
        return (first(self.case) if first else {}) | {"version": self.case.version}

    def form(self, **given: Any) -> Any:
        """The form of this case."""
        if self.form_class in (forms.CallForm, forms.DetailsForm):
            given["case"] = self.case
        return self.form_class(**given)

    def page(self, request: HttpRequest, form: Any, **more: Any) -> HttpResponse:
        """The page of the form."""
        readings.note(request, "sheet", [self.case.pk])
        hidden = hides(self.actor, self.case.person)
        age = self.case.person.age()
        context = {
            "case": self.case,
            "person": self.case.person,
            "age": age,
            "adult": age is not None and age >= 18,
            "departure": departed(self.case),
            "details": None if hidden else getattr(self.case.person, "details", None),
            "representatives": [] if hidden else list(self.case.person.representatives.all()),
            "form": form,
            "changed": "",
            "since": [],
            "view": self,
            "back": safe_address(request.GET.get("retour") or request.POST.get("retour", ""))
            if (request.GET.get("retour") or request.POST.get("retour"))
            else reverse("followup:sheet", args=[self.case.pk]),
        } | more
        return render(request, self.template, context)

    def post(self, request: HttpRequest, **_: Any) -> HttpResponse:
        """Do it, or show the form again with everything that was typed."""
        form = self.form(data=request.POST)
        if not form.is_valid():
            return self.page(request, form)
        try:
            event = self.save(form)
        except ValidationError as error:
            form.add_error(None, error)
            return self.page(request, form)
        except services.ChangedMeanwhile as changed:
            return self.changed(request, form, changed)
        except services.Refused as refused:
            form.add_error(None, typeset(str(refused)))
            return self.page(request, form)
        events = event if isinstance(event, list) else [event]
        # what others rely on since is not taken back by a click
        back = events[0].facts.get("restores")
        undo = reverse("followup:undo", args=[events[0].pk]) if back else ""
        messages.success(request, self.done, extra_tags=undo)
        return redirect(self.after(request, form))

    def changed(self, request: HttpRequest, form: Any, changed: Exception) -> HttpResponse:
        """Somebody acted meanwhile: say what, keep what was typed, take the new version."""
        seen = form.cleaned_data.get("version") or 0
        form.data = form.data.copy()
        form.data["version"] = self.case.version
        notes = bool(self.case.abilities(self.actor)[Act.NOTES])
        events = self.case.timeline.order_by("-at", "-pk")[: max(self.case.version - seen, 1)]
        lines = [told(e, undone=False, notes=notes, hidden=False) for e in events]
        return self.page(request, form, changed=str(changed), since=lines)

    def save(self, form: Any) -> Any:
        """The service that does it."""
        raise NotImplementedError

    def given(self, form: Any) -> dict[str, Any]:
        """The case, the version on screen, and the values of the form."""
        return {
            "case": self.case.pk,
            "version": form.cleaned_data.get("version"),
            **form.values(),
        }

    def after(self, request: HttpRequest, form: Any) -> str:
        """Where to go then."""
        back = request.POST.get("retour", "")
        return safe_address(back) if back else reverse("followup:sheet", args=[self.case.pk])


class Call(ActView):
    """Three taps."""

    act, form_class = Act.CALL, forms.CallForm
    title, button, done = "Noter un appel", "Enregistrer l’appel", "Appel enregistré."
    template = "followup/call.html"

    def first_values(self, request: HttpRequest) -> dict[str, Any]:
        found = super().first_values(request)
        asked = request.GET.get("moyen")
        return found | ({"channel": asked} if asked in Channel.values else {})

    def save(self, form: Any) -> TimelineEvent:
        return services.record_contact(self.actor, **self.given(form))

    def after(self, request: HttpRequest, form: Any) -> str:
        if form.cleaned_data["result"] == ContactResult.SAYS_ENROLLED:
            return reverse("followup:situation", args=[self.case.pk]) + "?dit=inscrit"
        return super().after(request, form)


class RecordSituation(ActView):
    """Where they are."""

    act, form_class = Act.SITUATION, forms.SituationForm
    title, button = "Enregistrer sa situation", "Enregistrer"
    done = "Situation enregistrée."

    def first_values(self, request: HttpRequest) -> dict[str, Any]:
        found = super().first_values(request)
        if request.GET.get("dit") == "inscrit" and not found["kind"]:
            found |= {"kind": SituationKind.SCHOOLED, "proof": "declaration"}
        return found

    def save(self, form: Any) -> TimelineEvent:
        return services.record_situation(self.actor, **self.given(form))


class CompleteDetails(ActView):
    """How to reach them."""

    act, form_class = Act.DETAILS, forms.DetailsForm
    title, button = "Compléter les coordonnées", "Enregistrer"
    done = "Coordonnées enregistrées."

    def save(self, form: Any) -> TimelineEvent:
        return services.complete_details(self.actor, **self.given(form))


class RecordReason(ActView):
    """Why they left."""

    act, form_class = Act.REASON, forms.ReasonForm
    title, button, done = "Motif de sortie", "Enregistrer", "Motif enregistré."

    def save(self, form: Any) -> TimelineEvent:
        return services.record_reason(self.actor, **self.given(form))


class FalseAlarm(ActView):
    """Should not have been on the list."""

    act, form_class = Act.FALSE_ALARM, forms.FalseAlarmForm
    title, button, done = (
        "C’est une fausse alerte",
        "Clore le dossier",
        "Fausse alerte enregistrée.",
    )

    def save(self, form: Any) -> list[TimelineEvent]:
        given = self.given(form)
        case, version = given.pop("case"), given.pop("version")
        versions = {case: version} if version is not None else None
        return services.close_false_alarm(self.actor, cases=[case], versions=versions, **given)


class Pause(ActView):
    """Not now."""

    act, form_class = Act.PAUSE, forms.PauseForm
    title, button, done = "Mettre en pause", "Mettre en pause", "Dossier mis en pause."

    def save(self, form: Any) -> TimelineEvent:
        return services.pause_until(self.actor, **self.given(form))


class Reopen(ActView):
    """Lives again."""

    act = Act.REOPEN
    title, button, done = "Rouvrir le dossier", "Rouvrir", "Dossier rouvert."
    intro = "Le dossier revient dans la liste « À vérifier » de la structure qui le suit."

    def save(self, form: Any) -> TimelineEvent:
        return services.reopen(self.actor, **self.given(form))


class Protect(ActView):
    """Hides the place from everybody else, or shows it again."""

    act = Act.PROTECT

    @property
    def _lifting(self) -> bool:
        return self.case.person.is_protected

    @property
    def title(self) -> str:  # type: ignore[override]
        return "Lever la protection" if self._lifting else "Protéger sa scolarité"

    @property
    def button(self) -> str:  # type: ignore[override]
        return self.title

    @property
    def done(self) -> str:  # type: ignore[override]
        return "Scolarité protégée." if not self.lifted else "Protection levée."

    @property
    def intro(self) -> str:  # type: ignore[override]
        if self._lifting:
            return (
                "Le lieu, l’établissement et l’adresse redeviennent visibles de ceux qui suivent "
                "ce jeune."
            )
        return (
            "Partout et pour tous les autres, ce jeune apparaîtra « retrouvé », sans lieu, sans "
            "établissement ni adresse. Le dossier est clos."
        )

    def save(self, form: Any) -> TimelineEvent:
        self.lifted = self._lifting
        act = services.end_protection if self.lifted else services.protect_schooling
        return act(self.actor, case=self.case.pk, version=form.cleaned_data.get("version"))


@require_POST
def say(request: HttpRequest, case: UUID, candidate: int, same: bool) -> HttpResponse:
    """« C’est la même personne », « ce n’est pas elle »."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    act = services.say_same_person if same else services.say_other_person
    try:
        event = act(actor, case=case, candidate=candidate)
    except (Case.DoesNotExist, Candidate.DoesNotExist) as error:
        raise Http404 from error
    except services.Refused as refused:
        messages.error(request, typeset(str(refused)))
        return redirect("followup:sheet", case)
    said = "C’est noté : retrouvé." if same else "C’est noté : ce n’est pas la même personne."
    undo = reverse("followup:undo", args=[event.pk])
    messages.success(request, said, extra_tags=undo)
    return redirect("followup:sheet", case)


@require_POST
def undo(request: HttpRequest, event: UUID) -> HttpResponse:
    """Take back an act: the button of the message, or of the timeline."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    back = request.POST.get("retour", "")
    try:
        events = services.undo(actor, event=event)
    except Case.DoesNotExist as error:
        raise Http404 from error
    except services.Refused as refused:
        messages.error(request, typeset(str(refused)))
        return redirect(safe_address(back))
    if len(events) == 1:
        messages.info(request, "L’acte est annulé : le dossier est comme avant.")
        return redirect(
            safe_address(back) if back else reverse("followup:sheet", args=[events[0].case_id])
        )
    messages.info(request, "Les actes sont annulés : les dossiers sont comme avant.")
    return redirect(safe_address(back))


_PREPARED = ("school", "last_name", "first_name", "birth_date")


def declare(request: HttpRequest) -> HttpResponse:
    """A school adds a pupil of its own register, whose name another page may have posted: nothing
    is stored then, the form is filled."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not may_declare(actor):
        raise Http404
    if "preparer" in request.POST:
        known = {name: request.POST.get(name, "")[:100] for name in _PREPARED}
        form = forms.DeclareForm(actor=actor, initial={k: v for k, v in known.items() if v})
        return render(request, "followup/declare.html", {"form": form})
    form = forms.DeclareForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            case = services.declare_departure(actor, **form.values())
        except ValidationError as error:
            form.add_error(None, error)
        except services.AlreadyFollowed as already:
            messages.info(request, str(already))
            return redirect("followup:sheet", already.case.pk)
        else:
            messages.success(request, "Départ signalé : le dossier est ouvert.")
            return redirect("followup:sheet", case.pk)
    return render(request, "followup/declare.html", {"form": form})
