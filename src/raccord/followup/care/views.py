"""The pages of the care: one act each."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from raccord.followup.care import forms, services
from raccord.followup.care.models import Mandate, Proposal, Review, Vacancy
from raccord.followup.care.vocabulary import SolutionKind
from raccord.followup.models import TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.situations import rule
from raccord.followup.telling import capital, standing
from raccord.followup.views.acts import ActView
from raccord.matching.wording import day, typeset
from raccord.ui.naming import called


class Interview(ActView):
    """Short, from lists."""

    act, form_class = Act.INTERVIEW, forms.InterviewForm
    title, button, done = "Entretien de situation", "Enregistrer l’entretien", "Entretien noté."
    intro = (
        "Il est lu par les structures qui suivent ce jeune, jamais par l’établissement quitté ni "
        "par un secrétariat."
    )

    def save(self, form: Any) -> TimelineEvent:
        return services.interview(self.actor, **self.given(form))


class Recommend(ActView):
    """What the group recommends."""

    act, form_class = Act.RECOMMEND, forms.RecommendForm
    title, button, done = "Préconiser", "Enregistrer la préconisation", "Préconisation enregistrée."

    def form(self, **given: Any) -> Any:
        return self.form_class(case=self.case, **given)

    def save(self, form: Any) -> TimelineEvent:
        return services.recommend(self.actor, **self.given(form))


class GiveMandate(ActView):
    """Who acts, by when."""

    act, form_class = Act.MANDATE, forms.MandateForm
    title, button, done = "Donner un mandat", "Donner ce mandat", "Mandat donné."
    template = "followup/relay/receiver.html"
    intro = (
        "La structure mandatée rejoint le suivi, en est prévenue, et rend compte avant la date que "
        "vous donnez. Celle qui porte le dossier continue de le porter."
    )

    def form(self, **given: Any) -> Any:
        words = self.request.GET.get("chercher") or self.request.POST.get("chercher", "")
        own = self.actor.structure_ids
        return self.form_class(case=self.case, words=words[:80], own=own, **given)

    def save(self, form: Any) -> TimelineEvent:
        latest = self.case.recommendations.order_by("-on", "-pk").first()
        return services.mandate(
            self.actor,
            case=self.case.pk,
            structure=form.receiver(),
            report_by=form.cleaned_data["report_by"],
            recommendation=latest.pk if latest else None,
            note=form.cleaned_data["note"],
            version=form.cleaned_data["version"],
        )


class _OfMandate(ActView):
    """About one mandate of the case."""

    def mandate(self) -> Mandate:
        """The one in the address."""
        wanted = Mandate.objects.filter(case=self.case, pk=self.kwargs["mandate"])
        found = wanted.select_related("structure", "given_by_structure").first()
        if found is None:
            raise Http404
        return found


class Report(_OfMandate):
    """What the mandated structure did."""

    act, form_class = Act.REPORT, forms.ReportForm
    title, button, done = (
        "Rendre compte du mandat",
        "Envoyer le compte rendu",
        "Compte rendu envoyé.",
    )

    def page(self, request: HttpRequest, form: Any, **more: Any) -> HttpResponse:
        given = self.mandate()
        intro = (
            f"Mandat {called(given.given_by_structure.name, 'de')}, compte rendu attendu le "
            f"{day(given.report_by)}. {given.given_by_structure.name} sera prévenu."
        )
        self.intro = typeset(intro)  # type: ignore[misc]
        return super().page(request, form, **more)

    def save(self, form: Any) -> TimelineEvent:
        given = self.given(form)
        given.pop("case")
        return services.report(self.actor, mandate=self.mandate().pk, **given)


class WithdrawMandate(_OfMandate):
    """Nothing is expected any more."""

    act = Act.MANDATE
    title, button, done = "Retirer le mandat", "Retirer", "Mandat retiré."
    intro = "Aucun compte rendu n’est plus attendu. La structure continue de suivre ce jeune."

    def save(self, form: Any) -> TimelineEvent:
        return services.withdraw_mandate(
            self.actor, mandate=self.mandate().pk, version=form.cleaned_data["version"]
        )


class Propose(ActView):
    """A solution, with the vacant place that was chosen."""

    act, form_class = Act.PROPOSE, forms.ProposeForm
    title, button, done = (
        "Proposer une solution",
        "Enregistrer la proposition",
        "Proposition notée.",
    )
    intro = "Rien n’est envoyé à la structure : vous notez ce qui est proposé à ce jeune."
    template = "followup/care/propose.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        chosen = request.GET.get("place") or request.POST.get("vacancy", "")
        self.vacancy = _vacancy(chosen)
        return super().dispatch(request, *args, **kwargs)

    def first_values(self, request: HttpRequest) -> dict[str, Any]:
        found = super().first_values(request)
        one = self.vacancy
        if one is not None:
            found |= {"kind": one.kind, "course": one.course, "place": one.structure.name}
        return found

    def form(self, **given: Any) -> Any:
        return self.form_class(case=self.case, vacancy=self.vacancy, **given)

    def page(self, request: HttpRequest, form: Any, **more: Any) -> HttpResponse:
        return super().page(request, form, vacancy=self.vacancy, **more)

    def save(self, form: Any) -> TimelineEvent:
        return services.propose(self.actor, **self.given(form))


def _vacancy(asked: str) -> Vacancy | None:
    """The vacant place of an address, as long as it is offered."""
    try:
        key = UUID(asked)
    except ValueError:
        return None
    offered = Vacancy.objects.select_related("structure").filter(withdrawn_on=None)
    return offered.filter(pk=key).first()


class _OfProposal(ActView):
    """About one proposal of the case."""

    act = Act.PROPOSE

    def proposal(self) -> Proposal:
        """The one in the address."""
        wanted = Proposal.objects.filter(case=self.case, pk=self.kwargs["proposal"])
        found = wanted.select_related("structure").first()
        if found is None:
            raise Http404
        return found

    def page(self, request: HttpRequest, form: Any, **more: Any) -> HttpResponse:
        one = self.proposal()
        where = one.place or (one.structure.name if one.structure else "")
        said = [SolutionKind(one.kind).label, one.course, where]
        self.intro = f"{capital(', '.join(part for part in said if part))}."  # type: ignore[misc]
        return super().page(request, form, **more)

    def values_of(self, form: Any) -> dict[str, Any]:
        """What the service receives, the proposal instead of the case."""
        given = self.given(form)
        given.pop("case")
        return given | {"proposal": self.proposal().pk}


class AnswerProposal(_OfProposal):
    """What the young person says of it."""

    form_class = forms.AnswerForm
    title, button, done = "Sa réponse", "Enregistrer sa réponse", "Réponse enregistrée."

    def save(self, form: Any) -> TimelineEvent:
        return services.answer(self.actor, **self.values_of(form))


class Start(_OfProposal):
    """It began."""

    form_class = forms.StartForm
    title, button, done = "La solution a commencé", "Enregistrer ce début", "Solution commencée."

    def form(self, **given: Any) -> Any:
        return self.form_class(proposal=self.proposal(), **given)

    def first_values(self, request: HttpRequest) -> dict[str, Any]:
        return super().first_values(request) | forms.first_of_start(self.proposal())

    def save(self, form: Any) -> TimelineEvent:
        return services.start(self.actor, **self.values_of(form))


class End(_OfProposal):
    """It is over, or broken off."""

    form_class = forms.EndForm
    title, button, done = "La solution est terminée", "Enregistrer cette fin", "Fin enregistrée."

    def save(self, form: Any) -> TimelineEvent:
        return services.end(self.actor, **self.values_of(form))


class StillTrue(ActView):
    """One click."""

    act = Act.STILL_TRUE
    title, button, done = "Toujours exact ?", "Toujours exact", "Situation confirmée aujourd’hui."

    @property
    def intro(self) -> str:  # type: ignore[override]
        months = rule(self.case.situation).months
        said = standing(self.case, timezone.localdate())
        return typeset(f"{said}. Confirmée aujourd’hui, elle est tenue pour vraie {months} mois.")

    def save(self, form: Any) -> TimelineEvent:
        return services.still_true(self.actor, **self.given(form))


class RecordReview(ActView):
    """What became of them."""

    act, form_class = Act.REVIEW, forms.ReviewForm
    title, button, done = "Son devenir", "Enregistrer son devenir", "Devenir enregistré."

    def review(self) -> Review:
        """The one in the address."""
        found = Review.objects.filter(case=self.case, pk=self.kwargs["review"]).first()
        if found is None:
            raise Http404
        return found

    def page(self, request: HttpRequest, form: Any, **more: Any) -> HttpResponse:
        one = self.review()
        when = "Un an" if one.months == 12 else f"{one.months} mois"
        ended = day(self.case.closed_on) if self.case.closed_on else ""
        said = f"{when} après la fin du suivi, le {ended}." if ended else f"{when} après."
        self.intro = typeset(said)  # type: ignore[misc]
        return super().page(request, form, **more)

    def save(self, form: Any) -> TimelineEvent:
        given = self.given(form)
        given.pop("case")
        return services.record_review(self.actor, review=self.review().pk, **given)
