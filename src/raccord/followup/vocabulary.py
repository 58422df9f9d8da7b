"""The closed vocabularies of a case. Values are stored: retired ones stay, with a comment.

What is left out is as deliberate as what is in: no health, social, nationality or offence matter
has a value here (CNIL, délibération 2010-446; arrêté of 15 October 2020).
"""

from django.db import models


class Lane(models.TextChoices):
    """Which rule a young person falls under (`raccord.matching.lanes`)."""

    UNDER_16 = "under_16", "moins de 16 ans : obligation d’instruction"
    OBLIGATION_16_17 = "obligation_16_17", "16-17 ans : obligation de formation"
    YOUNG_GRADUATE = "young_graduate", "16-17 ans, diplômé : obligation de formation"
    DROPOUT = "dropout", "18 ans et plus, sans diplôme connu"
    DIPLOMA_UNKNOWN = "diploma_unknown", "diplôme inconnu (classe terminale)"
    GRADUATE = "graduate", "diplômé sans solution"
    LEFT_ACADEMIE = "left_academie", "départ annoncé hors de l’académie"
    AGE_UNKNOWN = "age_unknown", "âge inconnu"


class Status(models.TextChoices):
    """Where a case stands for the one who holds it."""

    TO_CHECK = "to_check", "à vérifier"
    TO_CONFIRM = "to_confirm", "à confirmer"
    PAUSED = "paused", "en pause"
    TRANSMITTED = "transmitted", "transmis"
    CLOSED = "closed", "clos"


class Stage(models.TextChoices):
    """JASMIN's three stages."""

    SPOTTED = "spotted", "recensement – repérage"
    DIAGNOSIS = "diagnosis", "diagnostic et prescription"
    CARE = "care", "prise en charge"


class Outcome(models.TextChoices):
    """How a case ended."""

    FOUND = "found", "retrouvé dans une base"
    SCHOOLED = "schooled", "scolarisé"
    APPRENTICE = "apprentice", "apprenti"
    TRAINEE = "trainee", "stagiaire de la formation professionnelle"
    JOB = "job", "en emploi"
    CIVIC_SERVICE = "civic_service", "en service civique"
    ACCOMPANIED = "accompanied", "accompagné par un partenaire"
    ABROAD = "abroad", "scolarisé à l’étranger"
    EXEMPT = "exempt", "exempté de l’obligation"
    LEFT_TERRITORY = "left_territory", "passé à un autre territoire"
    MERGED = "merged", "réuni avec un autre dossier du même jeune"
    FALSE_ALARM = "false_alarm", "fausse alerte"
    AGE_LIMIT = "age_limit", "26 ans révolus"
    # Closes and hides everywhere, and is told nowhere.
    SILENT = "silent", "clos"
    UNDONE = "undone", "annulé (la comparaison a été annulée)"


class FalseAlarm(models.TextChoices):
    """Why a name should not have been on the list: it teaches the comparison."""

    STILL_HERE = "still_here", "toujours inscrit chez nous"
    ENROLLED_ELSEWHERE = "enrolled_elsewhere", "inscrit dans un autre établissement"
    DUPLICATE = "duplicate", "en double sur la liste"
    DIPLOMA_HELD = "diploma_held", "a obtenu son diplôme"
    WRONG_AGE = "wrong_age", "date de naissance fausse dans la base"
    NEVER_PUPIL = "never_pupil", "n’a jamais été élève ici"


class SituationKind(models.TextChoices):
    """Where a young person is now."""

    SCHOOLED = "schooled", "scolarisé (public ou privé sous contrat)"
    AGRICULTURE = "agriculture", "scolarisé dans l’enseignement agricole"
    HORS_CONTRAT = "hors_contrat", "scolarisé dans le privé hors contrat"
    ABROAD = "abroad", "scolarisé à l’étranger"
    DISTANCE = "distance", "enseignement à distance (CNED)"
    HOME = "home", "instruction dans la famille"
    APPRENTICE = "apprentice", "apprenti"
    TRAINEE = "trainee", "stagiaire de la formation professionnelle"
    JOB = "job", "en emploi"
    CIVIC_SERVICE = "civic_service", "en service civique"
    ACCOMPANIED = "accompanied", "accompagné par un partenaire"
    EXEMPT = "exempt", "exempté de l’obligation"
    NO_SOLUTION = "no_solution", "sans solution"
    LEFT_TERRITORY = "left_territory", "a quitté le territoire"
    UNKNOWN = "unknown", "situation inconnue"


class Proof(models.TextChoices):
    """What a situation rests on."""

    REGISTER = "register", "vu dans une base"
    CERTIFICATE = "certificate", "certificat ou attestation"
    CONTRACT = "contract", "contrat"
    DECLARATION = "declaration", "déclaration du jeune ou de sa famille"
    STRUCTURE = "structure", "dit par la structure qui l’accueille"


class ContactState(models.TextChoices):
    """What is known of reaching somebody, apart from where they are."""

    NOT_TRIED = "not_tried", "pas encore appelé"
    TRIED = "tried", "appelé, sans réponse"
    REACHED = "reached", "joint"
    WRONG_DETAILS = "wrong_details", "coordonnées à corriger"
    OPTED_OUT = "opted_out", "ne souhaite pas ce moyen de contact"


class Channel(models.TextChoices):
    """How somebody was contacted."""

    CALL = "call", "appel"
    SMS = "sms", "SMS"
    EMAIL = "email", "courriel"
    LETTER = "letter", "courrier"
    VISIT = "visit", "rencontre"


class Answerer(models.TextChoices):
    """Who answered. From 18 the young person is called, not the parents."""

    NOBODY = "nobody", "personne"
    YOUTH = "youth", "le jeune"
    REPRESENTATIVE = "representative", "un représentant légal"
    OTHER = "other", "une autre personne"


class ContactResult(models.TextChoices):
    """What came of it."""

    NO_ANSWER = "no_answer", "pas de réponse"
    MESSAGE_LEFT = "message_left", "message laissé"
    WRONG_NUMBER = "wrong_number", "mauvais numéro ou adresse"
    CALL_BACK = "call_back", "à rappeler"
    SAYS_ENROLLED = "says_enrolled", "dit être inscrit ailleurs"
    LOOKING = "looking", "cherche une solution"
    WANTS_APPOINTMENT = "wants_appointment", "souhaite un rendez-vous"
    NOT_NOW = "not_now", "pas maintenant"
    REFUSES_CHANNEL = "refuses_channel", "ne souhaite plus être contacté ainsi"


class LeavingReason(models.TextChoices):
    """SYMSER's « motifs », reduced to what the law lets one write."""

    REORIENTATION = "reorientation", "mauvaise orientation, souhaite changer"
    NO_PLACE = "no_place", "pas d’affectation ou de place"
    NO_CONTRACT = "no_contract", "pas de contrat d’apprentissage"
    CONTRACT_BROKEN = "contract_broken", "contrat d’apprentissage rompu"
    WORK = "work", "a trouvé un emploi"
    MOVED = "moved", "déménagement"
    FAILED_EXAM = "failed_exam", "échec à l’examen, non réinscrit"
    SCHOOL_WEARY = "school_weary", "ne veut plus aller en cours"
    TRANSPORT = "transport", "trajet trop long"
    UNKNOWN = "unknown", "non connu"


class DepartureOrigin(models.TextChoices):
    """Who says that somebody left."""

    REGISTER = "register", "la comparaison des bases"
    NO_LONGER_COMES = "no_longer_comes", "l’établissement : ne vient plus"
    NEVER_CAME = "never_came", "l’établissement : n’est jamais venu"
    ANNOUNCED = "announced", "l’établissement : annonce son départ"
    FAILED_EXAM = "failed_exam", "l’établissement : échec à l’examen, non revenu"
    REPORTED = "reported", "un partenaire"


class PartyKind(models.TextChoices):
    """Why a structure takes part in a case."""

    ORIGIN = "origin", "établissement quitté"
    HOLDER = "holder", "suit le jeune"
    RECEIVER = "receiver", "se voit proposer le suivi"
    ASSOCIATED = "associated", "associé au suivi"
    #: Reads who follows the young person and how it ended (« Mes signalements »), not the case.
    REPORTER = "reporter", "a signalé ce jeune"
    FORMER = "former", "a suivi ce jeune"


class EventKind(models.TextChoices):
    """What the timeline tells."""

    OPENED = "opened", "dossier ouvert"
    LISTED_AGAIN = "listed_again", "de nouveau sur la liste"
    FOUND = "found", "retrouvé dans une base"
    ASKED_TO_CONFIRM = "asked_to_confirm", "une base le donne inscrit : à confirmer"
    CONTACT = "contact", "prise de contact"
    SITUATION = "situation", "situation enregistrée"
    DETAILS = "details", "coordonnées complétées"
    REASON = "reason", "motif de sortie enregistré"
    SAME_PERSON = "same_person", "« c’est lui »"
    OTHER_PERSON = "other_person", "« ce n’est pas lui »"
    LETTER = "letter", "courrier ou message envoyé"
    ANSWER = "answer", "réponse reçue"
    TRANSMITTED = "transmitted", "transmis"
    TAKEN_BACK = "taken_back", "repris"
    PAUSED = "paused", "mis en pause"
    CLOSED = "closed", "clos"
    REOPENED = "reopened", "rouvert"
    UNDONE = "undone", "acte annulé"
    DECLARED = "declared", "signalé par l’établissement"
    PROTECTED = "protected", "scolarité protégée"
    CORRECTED = "corrected", "donnée corrigée"
    ACCEPTED = "accepted", "relais accepté"
    SENT_BACK = "sent_back", "relais renvoyé"
    REDIRECTED = "redirected", "relais orienté ailleurs"
    LAPSED = "lapsed", "relais resté sans réponse"
    ASSOCIATED = "associated", "structure associée"
    LEFT_FOLLOWING = "left_following", "structure qui n’est plus associée"
    INFORMED = "informed", "information sur la transmission"
    OBJECTION_LIFTED = "objection_lifted", "opposition levée"
    QUESTION = "question", "question posée"
    REPLY = "reply", "réponse à une question"
    ASSIGNED = "assigned", "confié à un collègue"
    INTERVIEW = "interview", "entretien de situation"
    RECOMMENDED = "recommended", "préconisation"
    MANDATED = "mandated", "mandat donné"
    MANDATE_REPORTED = "mandate_reported", "compte rendu de mandat"
    PROPOSED = "proposed", "solution proposée"
    PROPOSAL_ANSWERED = "proposal_answered", "réponse à une proposition"
    STARTED = "started", "solution commencée"
    ENDED = "ended", "solution terminée"
    STILL_TRUE = "still_true", "situation toujours exacte"
    LAPSING = "lapsing", "situation à confirmer"
    REVIEWED = "reviewed", "devenir relevé"
    POSTPONED = "postponed", "revu à la prochaine réunion"
    CONTINUED = "continued", "vu en groupe d’appui : le suivi continue"
    REPORTED = "reported", "signalé par un partenaire"
    OPENED_BEYOND = "opened_beyond", "ouvert hors périmètre"
    FILE_GIVEN = "file_given", "copie du dossier remise (droit d’accès)"
