"""The national texts. Written again after every migration: a text corrected here is in force at the
next start, and a school that wrote its own keeps it."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from raccord.followup.letters.vocabulary import Audience, Medium, Purpose


@dataclass(frozen=True)
class Text:
    """One national text."""

    purpose: Purpose
    medium: Medium
    audience: Audience
    subject: str
    body: str


_RIGHTS = """Pourquoi ce courrier ? La loi demande de repérer les jeunes qui quittent un \
établissement sans être inscrits ailleurs, et de leur proposer une solution (code de \
l’éducation, articles L. 313-7 et L. 114-1). Vous pouvez demander ce qui est enregistré, le \
faire corriger ou vous y opposer : adressez-vous à l’établissement ou au délégué à la protection \
des données de l’académie."""

_FIRST_FAMILY = f"""Madame, Monsieur,

{{prenom}} a quitté {{etablissement}}, et son nom n’apparaît dans aucune des bases d’inscription \
que nous pouvons lire. Il s’agit peut-être d’un simple retard : si {{prenom}} est en formation, \
en apprentissage ou en emploi, dites-le-nous et nous ne vous solliciterons plus.

Sinon, nous pouvons aider. De 16 à 18 ans, tout jeune est en études, en formation, en emploi, en \
service civique ou accompagné (article L. 114-1 du code de l’éducation). Une place, un contrat \
ou un rendez-vous se cherche à plusieurs, et c’est gratuit.

Répondez en une minute, sans créer de compte, avant le {{date_limite}} :
{{lien}}

Vous pouvez aussi nous appeler{{telephone}}.

{_RIGHTS}"""

_FIRST_YOUTH = f"""Bonjour {{prenom}},

Vous avez quitté {{etablissement}}, et votre nom n’apparaît dans aucune des bases d’inscription \
que nous pouvons lire. Si vous êtes en formation, en apprentissage ou en emploi, dites-le-nous : \
nous ne vous solliciterons plus.

Sinon, nous pouvons vous aider à trouver la suite : reprendre une formation, chercher un \
contrat, faire le point avec quelqu’un. C’est gratuit et cela n’engage à rien.

Répondez en une minute, sans créer de compte, avant le {{date_limite}} :
{{lien}}

Vous pouvez aussi nous appeler{{telephone}}.

{_RIGHTS}"""

_AGAIN_FAMILY = f"""Madame, Monsieur,

Nous vous avons écrit au sujet de {{prenom}}, et nous n’avons pas eu de réponse. Un mot suffit, \
même si tout va bien : il évite que nous vous appelions encore.

Répondez en une minute, sans créer de compte, avant le {{date_limite}} :
{{lien}}

Vous pouvez aussi nous appeler{{telephone}}. Si {{prenom}} n’a pas encore de solution, nous en \
cherchons une avec vous.

{_RIGHTS}"""

_AGAIN_YOUTH = f"""Bonjour {{prenom}},

Nous vous avons écrit et nous n’avons pas eu de réponse. Un mot suffit, même si tout va bien : \
il évite que nous vous appelions encore.

Répondez en une minute, sans créer de compte, avant le {{date_limite}} :
{{lien}}

Vous pouvez aussi nous appeler{{telephone}}. Si vous cherchez encore, nous cherchons avec vous.

{_RIGHTS}"""

_PASSED_FAMILY = """Madame, Monsieur,

Pour que {prenom} soit accompagné vers une formation ou un emploi, {etablissement} va \
transmettre son dossier à une structure désignée par le préfet, qui prendra contact avec vous : \
centre d’information et d’orientation, mission locale ou plateforme de suivi de votre secteur.

Ce qui est transmis : son identité, ses coordonnées et les vôtres, sa dernière classe, et ce qui \
lui a été proposé. Rien sur sa santé, sa famille, ses résultats ou sa vie privée. Ces \
informations s’effacent deux ans après le dernier contact.

Vous pouvez les lire, les faire corriger, ou vous opposer à leur transmission pour une raison \
qui tient à la situation de {prenom}. Dites-le-nous avant le {date_limite}{telephone}, ou ici :
{lien}

Textes : code de l’éducation, articles L. 313-7, L. 313-8 et L. 114-1. Le délégué à la \
protection des données de l’académie répond à vos questions ; la CNIL reçoit les réclamations \
(cnil.fr)."""

_PASSED_YOUTH = """Bonjour {prenom},

Pour vous aider à trouver une formation ou un emploi, {etablissement} va transmettre votre \
dossier à une structure désignée par le préfet, qui prendra contact avec vous : centre \
d’information et d’orientation, mission locale ou plateforme de suivi de votre secteur.

Ce qui est transmis : votre identité, vos coordonnées, votre dernière classe, et ce qui vous a \
été proposé. Rien sur votre santé, votre famille, vos résultats ou votre vie privée. Ces \
informations s’effacent deux ans après le dernier contact.

Vous pouvez les lire, les faire corriger, ou vous opposer à leur transmission pour une raison \
qui tient à votre situation. Dites-le-nous avant le {date_limite}{telephone}, ou ici :
{lien}

Textes : code de l’éducation, articles L. 313-7, L. 313-8 et L. 114-1. Le délégué à la \
protection des données de l’académie répond à vos questions ; la CNIL reçoit les réclamations \
(cnil.fr)."""

_DATA_FAMILY = """Madame, Monsieur,

{prenom} a quitté {etablissement}. La loi nous demande de savoir si {prenom} est en formation \
ailleurs et, sinon, de proposer une solution (code de l’éducation, articles L. 313-7 et L. \
114-1).

Pour cela, les listes d’inscription des établissements du territoire sont comparées chaque nuit. \
Nous utilisons l’identité de {prenom}, sa dernière classe, vos coordonnées, et la date de ce qui \
est fait pour aider. Il n’y a pas de place pour la santé, les ressources, la nationalité, la vie \
de famille ou les sanctions.

Qui les lit : l’établissement, puis les personnes désignées par le préfet qui accompagnent les \
jeunes de votre secteur. Chaque lecture est enregistrée. Tout s’efface deux ans après le dernier \
contact.

Vous pouvez lire ces informations, les faire corriger ou vous y opposer : adressez-vous à \
l’établissement{telephone} ou au délégué à la protection des données de l’académie. La CNIL \
reçoit les réclamations (cnil.fr)."""

_DATA_YOUTH = """Bonjour {prenom},

Vous avez quitté {etablissement}. La loi nous demande de savoir si vous êtes en formation \
ailleurs et, sinon, de vous proposer une solution (code de l’éducation, articles L. 313-7 et D. \
313-59).

Pour cela, les listes d’inscription des établissements du territoire sont comparées chaque nuit. \
Nous utilisons votre identité, votre dernière classe, vos coordonnées, et la date de ce qui est \
fait pour vous aider. Il n’y a pas de place pour la santé, les ressources, la nationalité, la \
vie de famille ou les sanctions.

Qui les lit : l’établissement, puis les personnes désignées par le préfet qui accompagnent les \
jeunes de votre secteur. Chaque lecture est enregistrée. Tout s’efface deux ans après le dernier \
contact.

Vous pouvez lire ces informations, les faire corriger ou vous y opposer : adressez-vous à \
l’établissement{telephone} ou au délégué à la protection des données de l’académie. La CNIL \
reçoit les réclamations (cnil.fr)."""

# Safe on a lock screen: a first name and the school, nothing else. Ordinary spaces: an unbreakable
# one would double the price of an SMS.
_SMS_FIRST_FAMILY = (
    "{etablissement} souhaite avoir des nouvelles de {prenom}. Une minute suffit : {lien}"
)
_SMS_FIRST_YOUTH = (
    "Bonjour {prenom}, {etablissement} prend de vos nouvelles. Une minute suffit : {lien}"
)
_SMS_AGAIN_FAMILY = "{etablissement} attend un mot de vous au sujet de {prenom} : {lien}"
_SMS_AGAIN_YOUTH = "Bonjour {prenom}, {etablissement} attend un mot de vous : {lien}"
_MAIL_FAMILY = """Bonjour,

{etablissement} souhaite avoir des nouvelles de {prenom}. Répondez en une minute, sans créer de \
compte :
{lien}

Le lien est personnel et vaut jusqu’au {date_limite}. Vous pouvez aussi nous appeler{telephone}."""
_MAIL_YOUTH = """Bonjour {prenom},

{etablissement} prend de vos nouvelles. Répondez en une minute, sans créer de compte :
{lien}

Le lien est personnel et vaut jusqu’au {date_limite}. Vous pouvez aussi nous appeler{telephone}."""

_MAIL_SUBJECT = "Un message de {etablissement}"
_SUBJECTS = {
    Purpose.FIRST_CONTACT: "Prendre des nouvelles de {prenom}",
    Purpose.REMINDER: "Prendre des nouvelles de {prenom} : relance",
    Purpose.TRANSMISSION: "Transmission du dossier de {prenom}",
    Purpose.NOTICE: "Les informations que nous utilisons",
}
_LETTERS = {
    Purpose.FIRST_CONTACT: (_FIRST_FAMILY, _FIRST_YOUTH),
    Purpose.REMINDER: (_AGAIN_FAMILY, _AGAIN_YOUTH),
    Purpose.TRANSMISSION: (_PASSED_FAMILY, _PASSED_YOUTH),
    Purpose.NOTICE: (_DATA_FAMILY, _DATA_YOUTH),
}
_MAILS = _LETTERS | {
    Purpose.FIRST_CONTACT: (_MAIL_FAMILY, _MAIL_YOUTH),
    Purpose.REMINDER: (_MAIL_FAMILY, _MAIL_YOUTH),
}
_TEXTS = {
    Purpose.FIRST_CONTACT: (_SMS_FIRST_FAMILY, _SMS_FIRST_YOUTH),
    Purpose.REMINDER: (_SMS_AGAIN_FAMILY, _SMS_AGAIN_YOUTH),
}


def national() -> list[Text]:
    """Every national text: an SMS is too short to inform, hence none for both notices."""
    found = []
    for medium, bodies in ((Medium.LETTER, _LETTERS), (Medium.EMAIL, _MAILS), (Medium.SMS, _TEXTS)):
        for purpose, pair in bodies.items():
            subject = {Medium.LETTER: _SUBJECTS[purpose], Medium.EMAIL: _MAIL_SUBJECT}.get(
                medium, ""
            )
            for audience, body in zip((Audience.FAMILY, Audience.YOUTH), pair, strict=True):
                found.append(Text(purpose, medium, audience, subject, body))
    return found


def write(**_: Any) -> None:
    """Put the national texts in the database, or their corrections."""
    from raccord.followup.models import LetterTemplate  # noqa: PLC0415 - called by post_migrate

    held = {
        (t.purpose, t.medium, t.audience): t for t in LetterTemplate.objects.filter(structure=None)
    }
    for text in national():
        one = held.get((text.purpose, text.medium, text.audience)) or LetterTemplate(
            purpose=text.purpose, medium=text.medium, audience=text.audience
        )
        if (one.subject, one.body) != (text.subject, text.body):
            one.subject, one.body, one.approved_at = text.subject, text.body, timezone.now()
            one.save()
