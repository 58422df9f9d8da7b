"""What must not be written about a young person, and what to write instead.

CNIL, délibération 2010-446, and the arrêté of 15 October 2020 leave out health, social situation,
nationality, offences, religion and family life. The only free text is one short note: it is
scanned here before it is saved. The second half closes the back doors: a class label (ULIS) or a
partner's name (MDPH, PJJ, ITEP) tells as much as a sentence.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError

from raccord.followup.search import searchable
from raccord.registers.identifiers import NIR_PATTERN


class Matter(StrEnum):
    """The matters that have no place in a file."""

    HEALTH = "health"
    SOCIAL = "social"
    ORIGIN = "origin"
    OFFENCE = "offence"
    RELIGION = "religion"
    FAMILY = "family"
    PARTNER = "partner"
    NUMBER = "number"


#: End of « Retirez “…” : … », with what to write instead.
REMEDIES: dict[Matter, str] = {
    Matter.HEALTH: "la santé ne s’écrit pas dans un dossier. Écrivez ce qui aide à agir, par "
    "exemple « rappeler en janvier »",
    Matter.SOCIAL: "la situation sociale ne s’écrit pas dans un dossier. Écrivez ce qui aide à "
    "agir, par exemple « souhaite un rendez-vous »",
    Matter.ORIGIN: "la nationalité, l’origine et le titre de séjour ne s’écrivent pas dans un "
    "dossier",
    Matter.OFFENCE: "les infractions, la justice et la discipline ne s’écrivent pas dans un "
    "dossier",
    Matter.RELIGION: "les convictions ne s’écrivent pas dans un dossier",
    Matter.FAMILY: "la vie de famille ne s’écrit pas dans un dossier. Écrivez seulement qui "
    "rappeler et quand",
    Matter.PARTNER: "le nom de cette structure dit la santé ou la situation du jeune. Écrivez "
    "« accompagné par un partenaire »",
    Matter.NUMBER: "ce numéro ressemble à un numéro de sécurité sociale, qui ne s’écrit nulle part",
}

#: Folded words (no accent, capitals); « * » stands for any ending, a phrase keeps its spaces.
_WORDS: dict[Matter, str] = {
    Matter.HEALTH: """
        ADDICT*; ALCOOL*; ALLERGI*; ANOREXI*; ANTIDEPRESS*; ANXIE*; ARRET MALADIE; ASTHM*;
        AUTIS*; AVORT*; BIPOLAI*; BOULIMI*; BURN OUT; BURNOUT; CANCER*; CANNABIS; CHIMIO*;
        CLINIQUE; COCAINE; CURE; DEPRESS*; DEPRIM*; DIABET*; DROGU*; DYSLEX*; DYSPRAX*;
        DYSORTHO*; DYSCALC*; ENCEINTE; EPILEP*; FAUSSE COUCHE; GROSSESSE; HANDICAP*; HOPITA*;
        HOSPITALIS*; HYPERACTI*; INFIRM*; MALADE*; MALADIE*; MEDECIN*; MEDICA*; MENTAL*;
        OPERATION CHIRURGICALE; OPERE; PAI; PATHOLOG*; PHOBI*; PSY; PSYCHI*; PSYCHO*; PSYCHOT*;
        SANTE; SCARIF*; SCHIZO*; SEROPOSITI*; SIDA; SUICID*; TDAH; THERAP*; TOC; TOXICO*;
        TRAITEMENT; TROUBLE*; VIH""",
    Matter.SOCIAL: """
        AIDE SOCIALE; ALLOCATION*; ALLOCATAIRE*; ASSISTANTE SOCIALE; BOURSE; BOURSIER*; CAF;
        CHOMAGE; DETTE*; EXPULS*; FOYER; HEBERGEMENT D URGENCE; HLM; IMPAYE*; LOGEMENT SOCIAL;
        MISERE; PAUVRE*; PRECAI*; PRECARI*; RSA; SANS ABRI; SANS DOMICILE; SDF; SECOURS
        POPULAIRE; SERVICES SOCIAUX; SQUAT*; SURENDET*; TUTELLE; VIT A LA RUE""",
    Matter.ORIGIN: """
        AFRICAIN*; ALGERIEN*; ARABE*; ASILE; CLANDESTIN*; DEMANDEUR D ASILE; ETRANGERE; GENS DU
        VOYAGE; GITAN*; IMMIGR*; MANOUCHE*; MAROCAIN*; MIGRANT*; MNA; NATIONALITE*; NATURALIS*;
        OQTF; ORIGINE; REFUGIE*; ROM; ROMS; ROUMAIN*; SANS PAPIER*; SENEGALAIS*; SYRIEN*; TITRE
        DE SEJOUR; TSIGANE*; TUNISIEN*; TURC; TURQUE; UKRAINIEN*; VISA; AFGHAN*; COMORIEN*;
        MALIEN*""",
    Matter.OFFENCE: """
        AGRESS*; ARRESTATION; ARRETE PAR; BAGARR*; BRACELET ELECTRONIQUE; CASIER; CONDAMN*;
        CONSEIL DE DISCIPLINE; CRIME*; CRIMIN*; DEAL*; DELINQU*; DELIT*; DETENTION; DETENU*;
        EXCLU DEFINITIV*; FUGUE*; GARDE A VUE; GENDARM*; INCARCER*; INFRACTION*; JUDICIAIRE*;
        JUGE; JUGEMENT; PLAINTE; POLICE; POLICIER*; PRISON*; PROCES; RACKET*; RADICALIS*; STUP;
        STUPEFIANT*; TIG; TRAFIC*; TRIBUNAL*; VIOL; VIOLEN*; VOLE; VOLS; VOLEU*""",
    Matter.RELIGION: """
        ATHEE*; BIBLE; CATHO*; CHRETIEN*; CONFESSION; CORAN*; CROYAN*; EGLISE; EVANGELI*;
        HOMOSEX*; IMAM; ISLAM*; JUIF*; JUIVE*; LESBIEN*; MOSQUEE; MUSULMAN*; POLITIQUE;
        PROTESTANT*; RAMADAN; RELIGI*; SECTE; SYNAGOGUE; SYNDICA*; TEMOIN DE JEHOVAH; TEMOINS DE
        JEHOVAH; TRANSGENRE; VOILE; VOILEE""",
    Matter.FAMILY: """
        BEAU PERE; BEBE; BELLE MERE; CONCUBIN*; DECEDE*; DECES; DEUIL; DIVORC*; ENFANT PLACE;
        FAMILLE D ACCUEIL; GARDE ALTERNEE; GARDE PARTAGEE; INCEST*; MALTRAIT*; MARIAGE*; MARIE;
        MARIEE; MERE CELIBATAIRE; MERE ISOLEE; MONOPARENT*; MORT; MORTE; ORPHELIN*; PARENT
        ISOLE; PENSION ALIMENTAIRE; PLACEMENT; SEPARATION; SEPARES; VIOLENCES CONJUGALES""",
    Matter.PARTNER: """
        AEMO; AED; ASE; CADA; CEF; CER; CESF; CHRS; CMP; CMPP; CPAM; CSAPA; CHU; EPE; EPM; ESAT;
        FJT; IEM; IME; IMPRO; IMP; ITEP; MAISON DES ADOLESCENTS; MDA; MDPH; MECS; PJJ;
        PROTECTION DE L ENFANCE; PROTECTION JUDICIAIRE; SEGPA; SESSAD; SPIP; STEMO; UEMO; UEAJ;
        ULIS; UPE2A; UPI; DITEP; CLIS; EMAS; EREA""",
}


def _pattern(entry: str) -> str:
    return " ".join(entry.split()).replace("*", "[A-Z0-9]*")


_PATTERNS: dict[Matter, re.Pattern[str]] = {
    matter: re.compile(
        r"(?<![A-Z0-9])(?:"
        + "|".join(sorted((_pattern(e) for e in words.split(";")), key=len, reverse=True))
        + r")(?![A-Z0-9])"
    )
    for matter, words in _WORDS.items()
}

#: Everyday words that a rule above would take: « scolarisé à l’étranger » is a situation.
_INNOCENT = re.compile(
    r"(?<![A-Z0-9])(?:A L ORIGINE|ETABLISSEMENT D ORIGINE|COLLEGE D ORIGINE|LYCEE D ORIGINE|"
    r"PSY ?EN(?:S|-EDO)?|MISSION LOCALE|BOURSE AUX LIVRES|PLACEMENT EN STAGE|"
    r"EXAMEN PSYCHOTECHNIQUE)(?![A-Z0-9])"
)


@dataclass(frozen=True)
class Found:
    """A word of a note that touches a forbidden matter."""

    matter: Matter
    word: str

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        return f"Retirez « {self.word} » : {REMEDIES[self.matter]}."


def found(text: str) -> list[Found]:
    """The forbidden words of a text, in their order, as they were typed."""
    folded, places = _folded_with_places(text)
    innocent = [match.span() for match in _INNOCENT.finditer(folded)]
    hits: list[tuple[int, int, Matter]] = []
    for matter, pattern in _PATTERNS.items():
        for match in pattern.finditer(folded):
            start, end = match.span()
            if not any(first <= start and end <= last for first, last in innocent):
                hits.append((start, end, matter))
    seen = [
        Found(matter, text[places[start] : places[end - 1] + 1].strip())
        for start, end, matter in sorted(hits)
    ]
    if re.search(NIR_PATTERN, text):
        seen.append(Found(Matter.NUMBER, "ce numéro"))
    return seen


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The text in capitals without accents, and where each of its characters stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in searchable(character) or " ":
            if letter == " " and letters[-1:] == [" "]:
                continue
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


def validate_note(text: str) -> None:
    """A validator: refuses a note that touches a forbidden matter, and says what to write."""
    problems = found(text)
    if problems:
        raise ValidationError([problem.sentence for problem in problems], code="forbidden_matter")


#: What stands for a body whose very name tells health, justice or a social situation.
PARTNER = "accompagnement par un partenaire"

_LABELS = re.compile(
    r"(?<![A-Z0-9])(?:U ?L ?I ?S|CLIS|UPI|IME|ITEP|DITEP|SEGPA|EREA|UPE2A|SESSAD|PAI|PPS|MNA|"
    r"HANDICAP[A-Z]*|ALLOPHONE[A-Z]*)(?![A-Z0-9])"
)


def partner_name(name: str) -> str:
    """The name of a partner as it may be kept: a neutral one when the name tells too much."""
    folded = searchable(name)
    told = any(
        _PATTERNS[matter].search(folded)
        for matter in (Matter.PARTNER, Matter.HEALTH, Matter.OFFENCE, Matter.SOCIAL)
    )
    return PARTNER if told else name.strip()


def class_label(label: str) -> str:
    """A class as level and stream, without what would tell a disability or an origin.

    « 2de MRC ULIS » becomes « 2de MRC »; a label that says nothing else becomes empty.
    """
    folded, places = _folded_with_places(label)
    if not _LABELS.search(folded):
        return " ".join(label.split())
    kept = list(label)
    for match in _LABELS.finditer(folded):
        first, last = places[match.start()], places[match.end() - 1]
        kept[first : last + 1] = [" "] * (last + 1 - first)
    words = "".join(kept).replace("(", " ").replace(")", " ").split()
    return " ".join(word for word in words if word.strip("-–/+,."))
