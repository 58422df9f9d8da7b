"""What a copy of somebody's file holds (RGPD, art. 15): every table that says something about them,
where it comes from and how long it is kept; and, for the others, why not.

A table that is in neither list fails a test: a new one cannot be forgotten.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from raccord.followup import models as held
from raccord.territory.models import (
    Academie,
    Basin,
    Commune,
    Departement,
    Structure,
)

#: docs/juridique/analyse-impact.md, 1.9.
_FILE = (
    "deux ans après le dernier contact, après un préavis de 30 jours, et au plus tard le jour des "
    "26 ans ; 90 jours pour une fausse alerte"
)
_LOG = "un an"
_REGISTERS = "bases des établissements, comparées chaque nuit, complétées par qui suit le dossier"
_PROFESSIONALS = "professionnels qui suivent le dossier"


@dataclass(frozen=True)
class Part:
    """A table of the file. `about` is its column that holds a case or a person."""

    key: str
    title: str
    model: Any
    about: str = "case_id"
    source: str = _PROFESSIONALS
    kept: str = _FILE
    #: Says a place: left out where the schooling is protected from whoever is given the copy.
    placed: bool = False
    #: Fields that are technical, or that tell of somebody else.
    without: frozenset[str] = frozenset()
    #: Rows that are about somebody else are left out (SQL on `t`).
    only: str = ""

    @property
    def table(self) -> str:
        """Its name in the database."""
        return str(self.model._meta.db_table)  # noqa: SLF001 - documented by Django

    @property
    def fields(self) -> list[Any]:
        """What is told of a row: its own words, dates and places; never an agent's name, a
        secret, or the key of another row."""
        return [f for f in self.model._meta.concrete_fields if self._told(f)]  # noqa: SLF001

    def _told(self, field: Any) -> bool:
        if field.name in self.without | _NEVER or isinstance(field, models.BinaryField):
            return False
        if field.is_relation:
            return field.related_model in NAMED
        return not field.primary_key


#: Tables whose rows are told by a column of theirs.
NAMED: dict[Any, str] = {
    Structure: "name",
    Commune: "name",
    Academie: "name",
    Departement: "name",
    Basin: "name",
    held.Meeting: "on",
}
#: Keys of rows and of nights, digests and what only serves a screen.
_NEVER = frozenset(
    """id pgh_id pgh_obj pgh_context version search_name run_id opened_by_run closed_by_run
    feed_id token_hash digest outgoing template rank added changed author hidden training
    facts evidence agree close differ kept_apart matched_by""".split()
)
#: What a free text may tell of a place: emptied where the schooling is protected.
FREE = frozenset(
    "note text answer course reason_text followed_by reference subject level mef".split()
)

PARTS: list[Part] = [
    Part("identity", "Identité", held.Person, "id", _REGISTERS),
    Part("details", "Coordonnées", held.ContactDetails, "person_id", _REGISTERS, placed=True),
    Part(
        "representatives", "Représentants légaux", held.LegalRepresentative, "person_id", _REGISTERS
    ),
    Part("cases", "Dossiers", held.Case, "id", "comparaison des bases, puis " + _PROFESSIONALS),
    Part("parties", "Structures qui ont part au dossier", held.Party),
    Part("departures", "Sorties d’établissement", held.Departure, source=_REGISTERS),
    Part("destination", "Lieu de scolarisation", held.Destination, source=_REGISTERS, placed=True),
    Part(
        "found_elsewhere",
        "Inscriptions reconnues",
        held.Candidate,
        source="comparaison des bases",
        placed=True,
        only="t.said = 'same'",
    ),
    Part("contacts", "Prises de contact", held.ContactAttempt),
    Part("letters", "Courriers et messages", held.Message),
    Part("answers", "Réponses par lien", held.Answer, source="le jeune ou sa famille", placed=True),
    Part("handovers", "Passages de relais", held.Handover),
    Part("informations", "Informations sur la transmission", held.Information),
    Part("questions", "Questions entre structures", held.Question),
    Part("partner_links", "Liens datés envoyés à un partenaire", held.PartnerLink),
    Part("interviews", "Entretiens de situation", held.Interview, source="ce jeune, en entretien"),
    Part("recommendations", "Préconisations", held.Recommendation, placed=True),
    Part("mandates", "Mandats", held.Mandate, placed=True),
    Part("proposals", "Solutions proposées", held.Proposal, placed=True),
    Part("reviews", "Devenir", held.Review),
    Part("meetings", "Passages en groupe d’appui", held.AgendaItem),
    Part("reports", "Signalements", held.Report, source="partenaires"),
    Part(
        "duplicates",
        "Rapprochements avec un autre dossier",
        held.PossibleDuplicate,
        "one_id, other_id",
        "comparaison des dossiers",
    ),
    Part("merges", "Réunions de dossiers", held.Merge, "kept_id, absorbed_id", _PROFESSIONALS),
    Part(
        "openings",
        "Ouvertures hors périmètre",
        held.Opening,
        kept=_FILE,
        without=frozenset({"examiner"}),
    ),
    Part("searches", "Recherches hors périmètre", held.BeyondSearch, kept=_FILE),
]

#: What a correction replaced (pghistory) is held too.
_TRACKED = {
    "identity": "pgh_obj_id",
    "cases": "pgh_obj_id",
    **dict.fromkeys(("details", "representatives"), "person_id"),
    **dict.fromkeys(
        """departures destination handovers informations questions interviews recommendations
        mandates proposals reviews""".split(),
        "case_id",
    ),
}
PARTS += [
    Part(
        f"{part.key}_before",
        f"{part.title} : ce qui a été corrigé",
        part.model.pgh_event_model,
        _TRACKED[part.key],
        part.source,
        part.kept,
        part.placed,
    )
    for part in list(PARTS)
    if part.key in _TRACKED
]

#: The timeline and the readings are told in sentences (`person_file`).
TOLD_APART = {
    "followup_timelineevent": "la chronologie, en clair",
    "privacy_reading": "qui a lu le dossier",
}

#: Tables with a key or a rule about a person or a case that are not in the copy, and why.
REASONS = {
    "followup_answerlink": "l’empreinte d’un lien à usage unique : rien de plus que le courrier",
    "followup_notification": "dit à un agent que quelque chose attend, sans rien du dossier",
    "followup_preference": "réglage d’un agent",
    "followup_savedfilter": "réglage d’un agent",
    "followup_meeting": "date et lieu d’une réunion ; ce qui y fut décidé de ce jeune y est",
    "followup_attendance": "les professionnels venus à une réunion, qui ne disent rien de ce jeune",
    "detection_humanverdict": "ce qui a été dit d’une ressemblance, que la chronologie raconte",
    "followup_possibleduplicateevent": "l’ancien état d’une question dont la réponse est donnée",
}

#: Words for the fields whose model has none.
_WORDS = {
    "academie": "académie",
    "added_at": "inscrit le",
    "agree": "champs identiques",
    "answered_at": "répondu le",
    "answered_on": "répondu le",
    "answerer": "répondu par",
    "asked_at": "demandé le",
    "asker": "demandé par",
    "at": "le",
    "audience": "destinataire",
    "basin": "bassin",
    "birth_date": "date de naissance",
    "close": "champs proches",
    "commune": "commune",
    "completed_at": "complété le",
    "created_at": "créé le",
    "decided_at": "décidé le",
    "decision": "décision",
    "departement": "département",
    "differ": "champs différents",
    "done_on": "fait le",
    "due_on": "attendu le",
    "expires_at": "valable jusqu’au",
    "false_alarm": "fausse alerte",
    "found_at": "trouvé le",
    "given_by_structure": "donné par",
    "given_on": "donné le",
    "group": "groupe",
    "held_since": "suivi depuis",
    "holder": "structure qui suit",
    "ine": "INE",
    "joined": "rattaché à un dossier existant",
    "kept_apart": "ce qui sépare",
    "kind": "type",
    "last_activity_at": "dernière activité",
    "local_id": "identifiant dans la base",
    "made_at": "préparé le",
    "made_by_structure": "proposé par",
    "made_on": "proposé le",
    "matched_by": "reconnu par",
    "medium": "moyen",
    "meeting": "réunion du",
    "mef": "code de formation",
    "moment": "moment",
    "months": "mois après la fin du suivi",
    "note": "note",
    "on": "le",
    "origin": "signalé par",
    "paused_until": "en attente jusqu’au",
    "pgh_created_at": "corrigé le",
    "pgh_label": "opération",
    "phone": "téléphone",
    "place": "lieu",
    "probability": "probabilité",
    "protected_at": "protégé depuis le",
    "protected_by": "protégé par",
    "purpose": "objet",
    "reason": "raison",
    "recall_on": "à rappeler le",
    "receiver": "receveur",
    "reminded_at": "relancé le",
    "reminded_on": "relancé le",
    "reported_on": "rendu compte le",
    "return_reason": "raison du renvoi",
    "said": "réponse",
    "sender": "envoyeur",
    "sent_at": "envoyé le",
    "since": "depuis",
    "situation": "situation",
    "situation_confirmed_on": "situation confirmée le",
    "situation_lapses_on": "situation tenue pour vraie jusqu’au",
    "situation_proof": "preuve",
    "situation_since": "situation depuis le",
    "source": "base",
    "status": "état",
    "structure": "structure",
    "tries": "essais d’envoi",
    "uai": "code de l’établissement",
    "undone_at": "annulé le",
    "until": "jusqu’au",
    "untouched_until": "montré à l’IEN-IO après le",
    "usage_name": "nom d’usage",
    "used_at": "utilisé le",
    "verdict": "résultat de la comparaison",
    "why": "à l’ordre du jour",
    "worked_on_at": "première démarche",
}


def label(field: Any) -> str:
    """The French words for a field."""
    spoken = str(field.verbose_name)
    plain = spoken in (field.name, field.name.replace("_", " "))
    return _WORDS[field.name] if plain or field.name in _WORDS else spoken


#: `raccord.matching` writes codes: what a list calls them.
_VERDICTS = {"found": "retrouvé", "review": "à confirmer", "missing": "non retrouvé"}


def in_words(field: Any, value: Any) -> Any:
    """A stored code as people read it; anything else as it is."""
    base = field.base_field if isinstance(field, ArrayField) else field
    known = {code: str(word) for code, word in (base.flatchoices or ())}
    known |= _VERDICTS if field.name == "verdict" else {}
    known |= (
        {"update": "modification", "delete": "suppression"} if field.name == "pgh_label" else {}
    )
    if isinstance(value, list):
        return [known.get(one, one) for one in value]
    return known.get(value, value)
