"""The pages of the relay: propose, receive, answer, join, inform, ask."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from raccord.accounts.actors import Actor
from raccord.followup.models import Case, Handover, TimelineEvent
from raccord.followup.relay import asking, forms, grouping, informing, linking, reading, services
from raccord.followup.rights import Act
from raccord.followup.services.acting import ChangedMeanwhile, Refused
from raccord.followup.views.acts import ActView
from raccord.followup.vocabulary import PartyKind
from raccord.matching.wording import day, typeset
from raccord.privacy import readings


class _Receiver(ActView):
    """A page where a structure is chosen."""

    template = "followup/relay/receiver.html"

    def form(self, **given: Any) -> Any:
        words = self.request.GET.get("chercher") or self.request.POST.get("chercher", "")
        return self.form_class(case=self.case, words=words[:80], **given)


class HandOver(_Receiver):
    """To whom, what for."""

    act, form_class = Act.TRANSMIT, forms.HandOverForm
    title, button, done = "Passer le relais", "Proposer le relais", "Relais proposé."
    intro = (
        "Le dossier quitte votre liste « À vérifier ». Tant que la structure choisie ne l’a pas "
        "accepté, vous le portez et gardez le contact avec ce jeune."
    )

    def save(self, form: Any) -> list[TimelineEvent]:
        version = form.cleaned_data["version"]
        return services.hand_over(
            self.actor,
            receivers={self.case.pk: form.receiver()},
            reason=form.cleaned_data["reason"],
            youth_knows=form.cleaned_data["youth_knows"],
            note=form.cleaned_data["note"],
            versions={self.case.pk: version} if version is not None else None,
        )


class Withdraw(ActView):
    """Comes back to the one who still holds it."""

    act = Act.TAKE_BACK
    title, button, done = "Reprendre le dossier", "Reprendre", "Dossier repris."
    intro = "La structure à qui le relais était proposé ne voit plus ce dossier."

    def save(self, form: Any) -> TimelineEvent:
        return services.withdraw(self.actor, **self.given(form))


class _Answer(ActView):
    """An answer to the relay that waits for one of their structures."""

    def handover(self) -> Handover:
        """The one that waits."""
        found = reading.waiting_for(self.actor, self.case)
        if found is None:
            raise Http404
        return found

    def after(self, request: HttpRequest, form: Any) -> str:
        return reverse("followup:received")


class Accept(_Answer):
    """Take the baton."""

    act = Act.ACCEPT
    title, button, done = "Accepter le relais", "Accepter", "Relais accepté : vous suivez ce jeune."
    intro = "Votre structure portera ce dossier. La structure qui l’envoie sera prévenue."

    def save(self, form: Any) -> TimelineEvent:
        return services.accept(
            self.actor, handover=self.handover().pk, version=form.cleaned_data["version"]
        )

    def after(self, request: HttpRequest, form: Any) -> str:
        return reverse("followup:sheet", args=[self.case.pk])


class SendBack(_Answer):
    """Back to the sender, with why."""

    act, form_class = Act.SEND_BACK, forms.SendBackForm
    title, button, done = "Renvoyer le dossier", "Renvoyer", "Dossier renvoyé à son envoyeur."

    def save(self, form: Any) -> TimelineEvent:
        return services.send_back(
            self.actor,
            handover=self.handover().pk,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )


class Redirect(_Answer, _Receiver):
    """To a better one."""

    act, form_class = Act.SEND_BACK, forms.RedirectForm
    title, button, done = "Proposer une autre structure", "Proposer", "Relais orienté ailleurs."

    def save(self, form: Any) -> TimelineEvent:
        return services.redirect(
            self.actor,
            handover=self.handover().pk,
            to=form.receiver(),
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )


class Associate(_Receiver):
    """A structure joins, without holding."""

    act, form_class = Act.ASSOCIATE, forms.AssociateForm
    title, button, done = "Associer une structure", "Associer", "Structure associée."
    intro = "Elle suivra ce jeune avec vous ; vous continuez de porter le dossier."

    def save(self, form: Any) -> TimelineEvent:
        return services.associate(
            self.actor,
            case=self.case.pk,
            structure=form.receiver(),
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )


class Leave(ActView):
    """An associated structure stops following."""

    act = Act.LEAVE
    title, button, done = "Ne plus suivre ce jeune", "Ne plus suivre", "Suivi conjoint terminé."
    intro = "Votre structure n’est plus associée à ce dossier et ne le voit plus."

    def save(self, form: Any) -> TimelineEvent:
        mine = [s for s in self.actor.structures if s.pk in self.associated()]
        if not mine:
            raise Refused("Votre structure n’est pas associée à ce dossier.")
        return services.leave(self.actor, structure=mine[0], **self.given(form))

    def associated(self) -> set[int]:
        """Those that follow without holding."""
        return {
            p.structure_id
            for p in self.case.parties.all()
            if p.until is None and p.kind == PartyKind.ASSOCIATED
        }

    def after(self, request: HttpRequest, form: Any) -> str:
        return reverse("followup:home")


class LiftObjection(ActView):
    """What was held back may leave."""

    act = Act.INFORM
    title, button, done = "Lever l’opposition", "Lever l’opposition", "Opposition levée."
    intro = (
        "À noter quand ce jeune ou sa famille a changé d’avis, ou quand le délégué à la protection "
        "des données a répondu. La transmission redevient possible."
    )

    def save(self, form: Any) -> TimelineEvent:
        return informing.lift_objection(self.actor, **self.given(form))


class Inform(ActView):
    """What the person was told."""

    act, form_class = Act.INFORM, forms.InformForm
    title, button, done = "Noter l’information", "Enregistrer", "Information enregistrée."
    intro = (
        "Avant que le dossier ne parte hors de l’Éducation nationale, ce jeune, et sa famille "
        "jusqu’à 18 ans, doivent savoir à qui il part et qu’ils peuvent s’y opposer."
    )

    def save(self, form: Any) -> TimelineEvent:
        return informing.inform(self.actor, **self.given(form))


class Ask(ActView):
    """A question to the holder."""

    act, form_class = Act.ASK, forms.QuestionForm
    title, button, done = "Poser une question", "Envoyer la question", "Question envoyée."
    intro = "Elle reste dans le dossier : ni courriel, ni nom qui circule."

    def save(self, form: Any) -> TimelineEvent:
        return asking.ask(self.actor, **self.given(form))


class Reply(ActView):
    """Its answer."""

    act, form_class = Act.REPLY, forms.ReplyForm
    title, button, done = "Répondre à la question", "Répondre", "Réponse envoyée."

    def save(self, form: Any) -> TimelineEvent:
        return asking.reply(self.actor, question=self.kwargs["question"], **self.given(form))


class Assign(ActView):
    """To a colleague."""

    act, form_class = Act.ASSIGN, forms.AssignForm
    title, button, done = "Confier à un collègue", "Confier", "Dossier confié."

    def form(self, **given: Any) -> Any:
        return self.form_class(colleagues=reading.colleagues(self.case.holder_id), **given)

    def save(self, form: Any) -> list[TimelineEvent]:
        version = form.cleaned_data["version"]
        return services.assign(
            self.actor,
            cases=[self.case.pk],
            user=form.cleaned_data["user"],
            versions={self.case.pk: version} if version is not None else None,
        )


@require_GET
def received(request: HttpRequest) -> HttpResponse:
    """« 5 dossiers vous attendent »: each with just enough to accept."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not reading.may_receive_any(actor):
        raise Http404
    cards = reading.received(actor, timezone.localdate())
    readings.note(request, "list", [card.case.pk for card in cards])
    return render(request, "followup/relay/received.html", {"cards": cards})


@require_POST
def link_again(request: HttpRequest, case: UUID) -> HttpResponse:
    """A new dated link, to the mailbox of a receiver without account, or of who is asked."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        question = UUID(asked) if (asked := request.POST.get("question")) else None
        link = linking.send_another(actor, case=case, question=question)
    except ValueError as error:
        raise Http404 from error
    except Case.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        messages.warning(request, typeset(str(refused)))
    else:
        until = day(timezone.localtime(link.expires_at).date())
        messages.success(request, f"Un nouveau lien est parti ; il vaut jusqu’au {until}.")
    readings.note(request, "sheet", [case])
    return redirect("followup:sheet", case=case)


@require_POST
def group_again(request: HttpRequest, case: UUID) -> HttpResponse:
    """The support group that follows already is asked to look at it once more."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    try:
        event = grouping.ask_group(actor, case=case)
    except Case.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        messages.warning(request, typeset(str(refused)))
    else:
        said = f"« {event.facts['structure']} » verra ce dossier à sa prochaine réunion."
        messages.success(request, typeset(said))
    readings.note(request, "sheet", [case])
    return redirect("followup:sheet", case=case)


@require_POST
def together(request: HttpRequest) -> HttpResponse:
    """The ticked cases, each to the structure that suits it; shown first, then proposed."""
    from raccord.followup.views.lists import safe_address, ticked_versions  # noqa: PLC0415 - they know us

    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.sees_names:
        raise Http404
    back = safe_address(request.POST.get("retour", ""))
    versions = ticked_versions(request)
    if not versions:
        messages.warning(request, "Cochez d’abord un ou plusieurs jeunes.")
        return redirect(back)
    rows = reading.to_hand_over(actor, versions)
    readings.note(request, "list", [row.case.pk for row in rows])
    form = forms.TogetherForm(request.POST if "reason" in request.POST else None, rows=rows)
    if form.is_bound and form.is_valid():
        try:
            events = services.hand_over(
                actor,
                receivers=form.receivers(),
                reason=form.cleaned_data["reason"],
                versions=versions,
            )
        except Case.DoesNotExist as error:
            raise Http404 from error
        except (Refused, ChangedMeanwhile) as refused:
            form.add_error(None, typeset(str(refused)))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            undo = reverse("followup:undo", args=[events[0].pk])
            messages.success(request, reading.proposed_in_words(len(events)), extra_tags=undo)
            return redirect(back)
    context = {"form": form, "rows": rows, "ticked": versions, "back": back}
    return render(request, "followup/relay/together.html", context)
