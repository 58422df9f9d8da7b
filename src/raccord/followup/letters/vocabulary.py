"""The closed words of letters and answers. Values are stored: retired ones stay."""

from django.db import models


class Purpose(models.TextChoices):
    """Why somebody is written to."""

    FIRST_CONTACT = "first_contact", "premier contact"
    REMINDER = "reminder", "relance"
    #: Due before the first transmission outside of the Éducation nationale (RGPD, art. 13-14).
    TRANSMISSION = "transmission", "information avant transmission à un partenaire"
    NOTICE = "notice", "information sur l’utilisation des données"


class Medium(models.TextChoices):
    """By what it leaves: values of `vocabulary.Channel`."""

    LETTER = "letter", "courrier"
    SMS = "sms", "SMS"
    EMAIL = "email", "courriel"


class Audience(models.TextChoices):
    """Who is written to: until 18 who answers for them, from 18 the young person alone."""

    FAMILY = "family", "à la famille (mineur)"
    YOUTH = "youth", "au jeune lui-même (majeur)"


class MessageStatus(models.TextChoices):
    """What became of a message."""

    PRINTED = "printed", "imprimé"
    WAITING = "waiting", "à envoyer"
    SENT = "sent", "envoyé"
    FAILED = "failed", "non parti"
    TAKEN_BACK = "taken_back", "annulé avant l’envoi"


class AnswerKind(models.TextChoices):
    """What the family or the young person says."""

    ENROLLED = "enrolled", "je suis inscrit ailleurs"
    CALL_BACK = "call_back", "rappelez-moi"
    LOOKING = "looking", "je cherche"
    NOT_NOW = "not_now", "pas maintenant"
    NOT_ME = "not_me", "ce message ne me concerne pas"


class Moment(models.TextChoices):
    """When to call back."""

    MORNING = "morning", "le matin"
    NOON = "noon", "entre midi et 14 h"
    AFTERNOON = "afternoon", "l’après-midi"
    EVENING = "evening", "en fin de journée"
