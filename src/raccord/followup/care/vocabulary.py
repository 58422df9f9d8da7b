"""The closed words of the follow-up. Values are stored: retired ones stay.

Obstacles are broad on purpose: no health, social, nationality or offence matter has a value here
(CNIL, délibération 2010-446). « Besoin d’un relais » says that somebody else is needed, never why.
"""

from django.db import models

from raccord.followup.vocabulary import SituationKind


class Schooling(models.TextChoices):
    """Where schooling stands, said at the interview."""

    STOPPED = "stopped", "a arrêté"
    ABSENT = "absent", "inscrit, ne vient plus"
    WAITING_PLACE = "waiting_place", "attend une place"
    WAITING_CONTRACT = "waiting_contract", "cherche un contrat"
    FAILED = "failed", "a échoué à l’examen"
    FINISHED = "finished", "a fini sa formation"


class Project(models.TextChoices):
    """How clear the project is."""

    CLEAR = "clear", "un projet précis"
    IDEAS = "ideas", "des pistes à vérifier"
    NONE = "none", "pas encore de projet"


class Obstacle(models.TextChoices):
    """What stands in the way, broadly: the only categories that may be written."""

    ORIENTATION = "orientation", "orientation à revoir"
    LEVEL = "level", "remise à niveau"
    CONTRACT = "contract", "contrat ou employeur à trouver"
    PLACE = "place", "pas de place dans la formation voulue"
    TRANSPORT = "transport", "trajet"
    CONFIDENCE = "confidence", "reprendre confiance, rythme à retrouver"
    PAPERWORK = "paperwork", "démarches à faire"
    RELAY = "relay", "besoin d’un relais (sans dire lequel)"


class Wish(models.TextChoices):
    """What the young person would like."""

    SAME_SCHOOL = "same_school", "revenir dans son établissement"
    OTHER_COURSE = "other_course", "changer de formation"
    APPRENTICESHIP = "apprenticeship", "apprentissage"
    WORK = "work", "travailler"
    CIVIC_SERVICE = "civic_service", "service civique"
    DISCOVER = "discover", "découvrir des métiers"
    BREATHE = "breathe", "souffler un temps"
    EXAM = "exam", "repasser l’examen"


class SolutionKind(models.TextChoices):
    """What can be recommended, proposed and started."""

    RETURN = "return", "retour en formation sous statut scolaire"
    CFA = "cfa", "apprentissage (CFA)"
    AGRICULTURE = "agriculture", "formation agricole"
    MLDS_ACTION = "mlds_action", "action de la MLDS"
    RETURN_STRUCTURE = "return_structure", "structure de retour à l’école (microlycée…)"
    E2C = "e2c", "école de la deuxième chance"
    EPIDE = "epide", "EPIDE"
    RSMA = "rsma", "RSMA"
    MISSION_LOCALE = "mission_locale", "accompagnement par la mission locale"
    TRAINING = "training", "formation professionnelle"
    JOB = "job", "emploi"
    CIVIC_SERVICE = "civic_service", "service civique"
    EMPLOYMENT_PLATFORM = "employment_platform", "plateforme vers l’emploi"
    DISCOVERY = "discovery", "stage ou découverte de métiers"
    DISTANCE = "distance", "enseignement à distance (CNED)"
    OTHER_PARTNER = "other_partner", "accompagnement par un partenaire"

    @property
    def situation(self) -> SituationKind:
        """Where somebody is once it has started (law-and-follow-up: which meet L. 114-1)."""
        return _SITUATIONS.get(self, SituationKind.ACCOMPANIED)


_SITUATIONS = {
    SolutionKind.RETURN: SituationKind.SCHOOLED,
    SolutionKind.RETURN_STRUCTURE: SituationKind.SCHOOLED,
    SolutionKind.CFA: SituationKind.APPRENTICE,
    SolutionKind.AGRICULTURE: SituationKind.AGRICULTURE,
    SolutionKind.TRAINING: SituationKind.TRAINEE,
    SolutionKind.JOB: SituationKind.JOB,
    SolutionKind.CIVIC_SERVICE: SituationKind.CIVIC_SERVICE,
    SolutionKind.DISTANCE: SituationKind.DISTANCE,
}


#: Before 16 instruction is compulsory (code de l’éducation, L. 131-1).
BEFORE_16 = frozenset(
    {
        SolutionKind.RETURN,
        SolutionKind.AGRICULTURE,
        SolutionKind.RETURN_STRUCTURE,
        SolutionKind.DISTANCE,
    }
)


class ProposalStatus(models.TextChoices):
    """What became of a proposal: « certains élèves ont besoin de souffler »."""

    MADE = "made", "proposée"
    ACCEPTED = "accepted", "acceptée"
    REFUSED = "refused", "refusée"
    PAUSED = "paused", "pas maintenant"
    STARTED = "started", "commencée"
    OVER = "over", "terminée"
    BROKEN = "broken", "interrompue"


class MandateStatus(models.TextChoices):
    """What became of a mandate."""

    GIVEN = "given", "en cours"
    REPORTED = "reported", "compte rendu fait"
    WITHDRAWN = "withdrawn", "retiré"


class MandateResult(models.TextChoices):
    """What the mandated structure reports."""

    SOLUTION = "solution", "une solution a commencé"
    UNDER_WAY = "under_way", "accompagnement en cours"
    NOT_REACHED = "not_reached", "jeune non joint"
    REFUSED = "refused", "proposition refusée"
    SENT_BACK = "sent_back", "à revoir en groupe d’appui"


class ReviewStatus(models.TextChoices):
    """Whether somebody looked at what became of a young person."""

    DUE = "due", "à faire"
    DONE = "done", "fait"
    #: The case was open again, or had another answer since.
    OVERTAKEN = "overtaken", "sans objet"
