"""The lists of the report: what each holds, and what it says to whoever reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One list of the report. `rule` is the SQL condition on a row that belongs to it."""

    key: str
    title: str
    tab: str
    says: str
    rule: str


#: In the order of the page; a row belongs to the first whose rule it meets.
SECTIONS: tuple[Section, ...] = (
    Section(
        "fragiles",
        "Inscrits, mais fragiles",
        "Inscrits, fragiles",
        "Ces jeunes sont inscrits : apprentis sans contrat ou après une rupture, élèves affectés "
        "jamais venus. Un appel maintenant évite une sortie.",
        "verdict = 'found'",
    ),
    Section(
        "confirmer",
        "À confirmer",
        "À confirmer",
        "Une inscription leur ressemble, sans certitude. Comparez les deux : rien n’est décidé "
        "sans vous.",
        "verdict = 'review'",
    ),
    Section(
        "moins16",
        "Moins de 16 ans",
        "Moins de 16 ans",
        "Obligation d’instruction : le chef d’établissement saisit la DSDEN et le maire. Ces noms "
        "ne vont ni à la PSAD ni à la mission locale.",
        "lane = 'under_16'",
    ),
    Section(
        "age",
        "Âge inconnu",
        "Âge inconnu",
        "La date de naissance manque ou est illisible : à corriger dans le logiciel de "
        "l’établissement.",
        "lane = 'age_unknown'",
    ),
    Section(
        "diplome",
        "Diplôme inconnu",
        "Diplôme inconnu",
        "Ces jeunes étaient en année de diplôme et aucun résultat d’examen n’a été lu : la plupart "
        "sont sans doute diplômés. Fournissez les résultats avant d’appeler.",
        "lane = 'diploma_unknown'",
    ),
    Section(
        "jeunes-diplomes",
        "Diplômés de 16–17 ans",
        "Diplômés de 16–17 ans",
        "Diplômés, mais l’obligation de formation dure jusqu’à 18 ans (code de l’éducation, "
        "L. 114-1).",
        "lane = 'young_graduate'",
    ),
    Section(
        "departs",
        "Départs déclarés hors académie",
        "Hors académie",
        "Un départ a été déclaré : à clore avec le certificat de scolarité de l’établissement "
        "d’accueil.",
        "lane = 'left_academie'",
    ),
    Section(
        "diplomes",
        "Diplômés majeurs",
        "Diplômés majeurs",
        "Majeurs et diplômés, sans inscription connue : hors des listes de repérage, pour "
        "information.",
        "lane = 'graduate'",
    ),
    Section(
        "verifier",
        "À vérifier",
        "À vérifier",
        "Ces jeunes ont quitté leur établissement et n’ont été retrouvés dans aucune base lue.",
        "true",
    ),
)
#: Reading order of the page: what to do first.
PAGE_ORDER: tuple[str, ...] = (
    *("verifier", "confirmer", "diplome", "jeunes-diplomes", "departs", "diplomes"),
    *("fragiles", "moins16", "age"),
)
