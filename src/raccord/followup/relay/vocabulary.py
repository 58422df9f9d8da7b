"""The closed words of the relay. Values are stored: retired ones stay."""

from django.db import models


class HandoverStatus(models.TextChoices):
    """Where a proposed handover stands. The sender holds the case until it is accepted."""

    WAITING = "waiting", "en attente de réponse"
    ACCEPTED = "accepted", "accepté"
    SENT_BACK = "sent_back", "renvoyé"
    REDIRECTED = "redirected", "orienté vers une autre structure"
    WITHDRAWN = "withdrawn", "repris par l’envoyeur"
    #: Nobody answered for thirty days: the sender, who still holds it, is told, and the group too.
    LAPSED = "lapsed", "sans réponse, revenu à l’envoyeur"
    #: The case ended before an answer.
    OVERTAKEN = "overtaken", "sans objet : le dossier est clos"


class HandoverReason(models.TextChoices):
    """What the receiver is asked for."""

    INTERVIEW = "interview", "entretien de situation"
    ORIENTATION = "orientation", "projet d’orientation à construire"
    RETURN = "return", "retour en formation à préparer"
    CARE = "care", "prise en charge"
    APPRENTICESHIP = "apprenticeship", "recherche d’un contrat d’apprentissage"
    WORK = "work", "accompagnement vers l’emploi"
    MOVED = "moved", "le jeune a déménagé"
    #: Made by the clock, never by somebody: nobody did anything in fifteen days.
    SILENCE = "silence", "aucune démarche depuis quinze jours"


class ReturnReason(models.TextChoices):
    """Why a receiver sends back, or proposes another."""

    NOT_OUR_AREA = "not_our_area", "hors de notre territoire"
    NOT_OUR_AGE = "not_our_age", "hors de notre public (âge, diplôme)"
    ALREADY_FOLLOWED = "already_followed", "déjà suivi ailleurs"
    NO_ROOM = "no_room", "plus de place pour le moment"
    MORE_NEEDED = "more_needed", "il manque une démarche avant le relais"
    FOUND = "found", "déjà en formation ou en emploi"
    NOT_WANTED = "not_wanted", "le jeune ne le souhaite pas"


class AssociationReason(models.TextChoices):
    """Why a structure joins without holding."""

    JOINT = "joint", "suivi conjoint"
    MANDATE = "mandate", "mandatée par le groupe d’appui"
    GROUP = "group", "dossier présenté au groupe d’appui"
    ALSO_LEFT = "also_left", "le jeune est aussi sorti de cet établissement"


class InformedBy(models.TextChoices):
    """How the person was told that their file would be passed on."""

    LETTER = "letter", "par courrier"
    MESSAGE = "message", "par SMS ou courriel"
    CALL = "call", "au téléphone"
    MEETING = "meeting", "en entretien"


class InformedWho(models.TextChoices):
    """Who was told: the young person, and until 18 who answers for them."""

    YOUTH = "youth", "le jeune"
    REPRESENTATIVE = "representative", "un représentant légal"
    BOTH = "both", "le jeune et un représentant légal"
