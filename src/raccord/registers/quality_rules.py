"""What is worth correcting in a register, declared once, ordered by what it costs.

A rule is a SQL predicate over the view `inscriptions` that `quality.py` builds: the rows of
`joined_rows.py`, and `memes_ine` and `memes_identites`, how many rows of the file share the INE, or
the establishment, names and birth (null when none does). `JOUR` stands for the day.
"""

from dataclasses import dataclass
from enum import IntEnum

_KEY_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

#: Ages beyond which a birth date is improbable in a school register.
YOUNGEST, OLDEST = 10, 30


class Importance(IntEnum):
    """How much a defect weighs on the comparison."""

    FIRST = 0  # makes wrong verdicts, or loses pupils
    NEXT = 1  # makes verdicts doubtful
    DETAIL = 2  # worth knowing


#: Title of each group on screen.
IMPORTANCE_LABELS = {
    Importance.FIRST: "À corriger d'abord",
    Importance.NEXT: "À corriger ensuite",
    Importance.DETAIL: "À savoir",
}


@dataclass(frozen=True)
class Rule:
    """One thing to correct. `one` and `many` follow a number; `{logiciel}` is the school's own.

    `needs`: columns of which one at least must be filled somewhere in the file, otherwise its
    format does not carry the datum and nobody can correct it. `formats`: the only formats
    concerned, all of them when empty. `value`: SQL of the value shown beside the row.
    """

    code: str
    importance: Importance
    one: str
    many: str
    cost: str
    remedy: str
    predicate: str
    field: str
    value: str = "NULL"
    needs: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    def title(self, count: int) -> str:
        """The label that follows `count`."""
        return self.one if count == 1 else self.many


#: The software the school corrects its data in, by format.
SOFTWARE = {
    "siecle": "SIECLE",
    "eleves_complete": "SIECLE",
    "prive": "votre logiciel de gestion (puis nouvel envoi à SIECLE)",
    "fregata": "FREGATA",
    "dossier_apprenant": "le logiciel de gestion de votre CFA",
    "sifa": "le logiciel de gestion de votre CFA",
}
DEFAULT_SOFTWARE = "votre logiciel"

_SCHOOLS = ("siecle", "eleves_complete", "prive", "fregata", "plain")
_NO_CONTACT = (
    "telephone IS NULL AND representant_telephone IS NULL AND courriel IS NULL AND adresse IS NULL"
)
_UAI_KEY_HOLDS = (
    "CASE WHEN regexp_full_match(n_uai, '[0-9]{7}[A-Z]') THEN right(n_uai, 1) = "
    f"substr('{_KEY_LETTERS}', 1 + (left(n_uai, 7)::BIGINT % 23)::INTEGER, 1) ELSE false END"
)
_POSTCODE = "'(0[1-9]|[1-8][0-9]|9[0-58]|97[1-8])[0-9]{2,3}'"
_COMMUNE = "'([0-9]{2}|2[AB])[0-9]{3}'"

RULES: tuple[Rule, ...] = (
    Rule(
        "nom_prenom_absent",
        Importance.FIRST,
        "élève sans nom ou sans prénom",
        "élèves sans nom ou sans prénom",
        "seul un INE permet alors de retrouver l'élève ailleurs",
        "compléter l'identité dans {logiciel}",
        "n_nom IS NULL OR n_prenom IS NULL",
        "nom_famille",
    ),
    Rule(
        "naissance_absente",
        Importance.FIRST,
        "élève sans date de naissance",
        "élèves sans date de naissance",
        "âge inconnu : l'élève reste hors des listes et ne peut être retrouvé avec certitude",
        "saisir la date de naissance dans {logiciel}",
        "date_naissance IS NULL",
        "date_naissance",
    ),
    Rule(
        "naissance_illisible",
        Importance.FIRST,
        "date de naissance illisible",
        "dates de naissance illisibles",
        "âge inconnu : l'élève reste hors des listes et ne peut être retrouvé avec certitude",
        "écrire la date de naissance JJ/MM/AAAA dans {logiciel}",
        "date_naissance IS NOT NULL AND d_naissance IS NULL",
        "date_naissance",
        "date_naissance::VARCHAR",
    ),
    Rule(
        "sortie_illisible",
        Importance.FIRST,
        "date de sortie illisible",
        "dates de sortie illisibles",
        "l'élève compte comme encore inscrit : s'il est parti, personne ne le cherchera",
        "écrire la date de sortie JJ/MM/AAAA dans {logiciel}",
        "date_sortie IS NOT NULL AND d_sortie IS NULL",
        "date_sortie",
        "date_sortie::VARCHAR",
    ),
    Rule(
        "ine_partage",
        Importance.FIRST,
        "ligne avec l'INE d'un autre élève",
        "lignes avec un INE que deux élèves différents se partagent",
        "l'un peut être pris pour l'autre, et un départ passer inaperçu",
        "vérifier lequel des deux élèves a cet INE, et corriger l'autre dans {logiciel}",
        "memes_ine > 1 AND NOT meme_personne",
        "ine",
        "'lignes ' || ine_premiere || ' et ' || ine_derniere",
    ),
    Rule(
        "ine_absent",
        Importance.FIRST,
        "élève sans INE",
        "élèves sans INE",
        "un élève sans INE qui change d'établissement peut apparaître comme sorti",
        "rechercher l'INE dans {logiciel} (il vient de la base académique, par l'export des "
        "élèves), puis l'enregistrer",
        "presente AND n_ine IS NULL",
        "ine",
        formats=_SCHOOLS,
    ),
    Rule(
        "ine_absent_apprenti",
        Importance.NEXT,
        "apprenti sans INE",
        "apprentis sans INE",
        "seuls le nom et la naissance permettent de retrouver un apprenti sans INE",
        "demander l'INE à l'établissement d'origine et le saisir dans {logiciel}",
        "presente AND n_ine IS NULL",
        "ine",
        formats=("dossier_apprenant", "sifa"),
    ),
    Rule(
        "ine_cle",
        Importance.FIRST,
        "INE dont la clé est fausse",
        "INE dont la clé est fausse",
        "un chiffre est sans doute mal recopié : cet INE ne sert pas à retrouver l'élève",
        "comparer avec l'INE de la base académique et corriger dans {logiciel}",
        "n_ine IS NOT NULL AND k_ine IS NULL",
        "ine",
        "ine::VARCHAR",
    ),
    Rule(
        "double",
        Importance.FIRST,
        "ligne en double (mêmes nom, prénom et naissance)",
        "lignes en double (mêmes nom, prénom et naissance)",
        "le même élève compte deux fois, et son départ peut être caché par l'autre fiche",
        "fusionner ou supprimer la fiche en trop dans {logiciel}",
        "memes_identites > 1",
        "nom_famille",
        "'lignes ' || identite_premiere || ' et ' || identite_derniere",
        formats=(*_SCHOOLS, "sifa"),
    ),
    Rule(
        "naissance_improbable",
        Importance.NEXT,
        "date de naissance improbable",
        "dates de naissance improbables",
        f"dans l'avenir, ou moins de {YOUNGEST} ans, ou plus de {OLDEST} ans",
        "vérifier la date de naissance dans {logiciel}",
        f"presente AND (d_naissance > DATE 'JOUR' - INTERVAL {YOUNGEST} YEAR"
        f" OR d_naissance <= DATE 'JOUR' - INTERVAL {OLDEST + 1} YEAR)",
        "date_naissance",
        "date_naissance::VARCHAR",
    ),
    Rule(
        "nom_abime",
        Importance.NEXT,
        "nom ou prénom avec un « ? » à la place d'une lettre",
        "noms ou prénoms avec un « ? » à la place d'une lettre",
        "la lettre perdue à l'export oblige à une vérification humaine",
        "remplacer le caractère rare par la lettre simple dans {logiciel}, ou exporter en UTF-8",
        "contains(n_nom, '?') OR contains(n_prenom, '?') OR contains(nom_famille, '\ufffd')"
        " OR contains(prenom, '\ufffd')",
        "nom_famille",
        "concat_ws(' ', nom_famille, prenom)",
    ),
    Rule(
        "prenom_court",
        Importance.NEXT,
        "prénom d'une seule lettre",
        "prénoms d'une seule lettre",
        "une initiale ne distingue pas deux frères ou sœurs",
        "écrire le prénom entier dans {logiciel}",
        "length(n_prenom) = 1",
        "prenom",
        "prenom",
    ),
    Rule(
        "sortie_avant_entree",
        Importance.NEXT,
        "sortie antérieure à l'entrée",
        "sorties antérieures à l'entrée",
        "l'une des deux dates est fausse : on ne sait pas si l'élève est encore là",
        "vérifier les dates d'entrée et de sortie dans {logiciel}",
        "d_sortie < d_entree",
        "date_sortie",
        "'entrée ' || date_entree || ', sortie ' || date_sortie",
    ),
    Rule(
        "sortie_sans_motif",
        Importance.NEXT,
        "sortie sans motif",
        "sorties sans motif",
        "rien ne dit vers où chercher l'élève",
        "renseigner le motif de sortie dans {logiciel}",
        "NOT presente AND motif_sortie IS NULL",
        "motif_sortie",
        "date_sortie::VARCHAR",
        formats=("siecle", "prive", "plain"),
        needs=("motif_sortie", "classe"),
    ),
    Rule(
        "motif_sans_sortie",
        Importance.NEXT,
        "motif de sortie sans date de sortie",
        "motifs de sortie sans date de sortie",
        "l'élève compte comme encore inscrit",
        "saisir la date de sortie, ou effacer le motif, dans {logiciel}",
        "date_sortie IS NULL AND motif_sortie IS NOT NULL",
        "date_sortie",
        "motif_sortie",
    ),
    Rule(
        "classe_absente",
        Importance.NEXT,
        "élève sans classe",
        "élèves sans classe",
        "est-il encore là ? Sans classe après la rentrée, son inscription est à confirmer",
        "affecter une classe, ou saisir la sortie, dans {logiciel}",
        "presente AND (classe IS NULL OR lower(classe) = 'inactifs')",
        "classe",
        needs=("classe",),
        formats=_SCHOOLS,
    ),
    Rule(
        "uai_cle",
        Importance.NEXT,
        "ligne dont l'UAI n'existe pas (clé fausse)",
        "lignes dont l'UAI n'existe pas (clé fausse)",
        "les élèves sont rangés sous un établissement inconnu",
        "vérifier le numéro de l'établissement (7 chiffres et une lettre) dans {logiciel}",
        f"n_uai IS NOT NULL AND NOT ({_UAI_KEY_HOLDS})",
        "uai",
        "uai",
    ),
    Rule(
        "uai_absent",
        Importance.NEXT,
        "ligne sans établissement (UAI)",
        "lignes sans établissement (UAI)",
        "on ne sait pas à quel établissement montrer ces élèves",
        "ajouter l'UAI dans {logiciel}, ou dans le nom du fichier ou du dossier",
        "n_uai IS NULL",
        "uai",
    ),
    Rule(
        "sans_contact",
        Importance.NEXT,
        "élève que personne ne peut joindre",
        "élèves que personne ne peut joindre",
        "ni téléphone, ni courriel, ni adresse : en cas de décrochage, on ne saura pas l'appeler",
        "compléter les coordonnées dans {logiciel}",
        f"presente AND {_NO_CONTACT}",
        "telephone",
        needs=("telephone", "representant_telephone", "courriel", "adresse"),
    ),
    Rule(
        "commune_improbable",
        Importance.DETAIL,
        "code postal ou commune improbable",
        "codes postaux ou communes improbables",
        "une valeur improbable ne sert pas à reconnaître l'élève",
        "corriger le code postal ou le code INSEE (5 caractères) dans {logiciel}",
        f"NOT regexp_full_match(code_postal::VARCHAR, {_POSTCODE})"
        f" OR NOT regexp_full_match(upper(commune_residence::VARCHAR), {_COMMUNE})"
        f" OR (coalesce(pays_naissance, '100') = '100'"
        f" AND NOT regexp_full_match(upper(commune_naissance::VARCHAR), {_COMMUNE}))",
        "code_postal",
        "concat_ws(' ', code_postal, commune_residence, commune_naissance)",
    ),
    Rule(
        "sexe_absent",
        Importance.DETAIL,
        "élève dont le sexe n'est pas renseigné",
        "élèves dont le sexe n'est pas renseigné",
        "un indice de moins pour distinguer deux élèves",
        "compléter la fiche dans {logiciel}",
        "s IS NULL",
        "sexe",
        needs=("sexe",),
    ),
    Rule(
        "sortie_future",
        Importance.DETAIL,
        "élève dont la sortie est annoncée, encore présent",
        "élèves dont la sortie est annoncée, encore présents",
        "l'inscription compte jusqu'à ce jour",
        "rien à corriger si le départ est bien prévu",
        "d_sortie > DATE 'JOUR' AND source <> 'dossier_apprenant'",
        "date_sortie",
        "date_sortie::VARCHAR",
        formats=("siecle", "prive", "eleves_complete", "plain"),
    ),
)

#: Pupils of an earlier state of the same establishment that no row of today holds.
VANISHED = Rule(
    "disparus",
    Importance.FIRST,
    "élève connu hier, absent aujourd'hui sans date de sortie",
    "élèves connus hier, absents aujourd'hui sans date de sortie",
    "soit l'élève est parti, soit le fichier est partiel et le fait paraître sorti",
    "vérifier que l'export contient tous les élèves ; saisir la date et le motif de ceux qui sont "
    "partis dans {logiciel}",
    "",
    "date_sortie",
)


@dataclass(frozen=True)
class ReadingTitle:
    """How a problem met by a reader is called in the report."""

    importance: Importance
    one: str
    many: str
    remedy: str

    def title(self, count: int) -> str:
        """The label that follows `count`."""
        return self.one if count == 1 else self.many


#: Problems of the readers worth a title of their own; the others keep their own sentence.
READING_TITLES = {
    "ligne_illisible": ReadingTitle(
        Importance.FIRST,
        "ligne non lue",
        "lignes non lues",
        "corriger la ligne dans le fichier, ou refaire l'export depuis {logiciel}",
    ),
    "ligne_inutilisable": ReadingTitle(
        Importance.FIRST,
        "ligne inutilisable (identité trop incomplète)",
        "lignes inutilisables (identité trop incomplète)",
        "compléter l'identité dans {logiciel}",
    ),
    "nombre_abrege": ReadingTitle(
        Importance.NEXT,
        "nombre abrégé par un tableur (2,17E+13)",
        "nombres abrégés par un tableur (2,17E+13)",
        "mettre la colonne au format Texte, ou exporter sans passer par le tableur",
    ),
    "ligne_incomplete": ReadingTitle(
        Importance.NEXT,
        "ligne incomplète",
        "lignes incomplètes",
        "refaire l'export depuis {logiciel}",
    ),
    "guillemet_ouvert": ReadingTitle(
        Importance.NEXT,
        "ligne avec un guillemet jamais refermé",
        "lignes avec un guillemet jamais refermé",
        "refaire l'export depuis {logiciel}",
    ),
    "date_formation": ReadingTitle(
        Importance.NEXT,
        "date de formation ou de contrat illisible",
        "dates de formation ou de contrat illisibles",
        "corriger ces dates dans {logiciel}",
    ),
    "sortie_sans_date": ReadingTitle(
        Importance.NEXT,
        "sortie sans date",
        "sorties sans date",
        "saisir la date de sortie dans {logiciel}",
    ),
    "encodage_melange": ReadingTitle(
        Importance.DETAIL,
        "fichier écrit en deux encodages",
        "fichiers écrits en deux encodages",
        "refaire l'export d'un seul tenant depuis {logiciel}",
    ),
    "nir": ReadingTitle(
        Importance.NEXT,
        "numéro de sécurité sociale trouvé (effacé, jamais conservé)",
        "numéros de sécurité sociale trouvés (effacés, jamais conservés)",
        "retirer ces numéros de {logiciel} : la loi n'en permet pas l'usage ici",
    ),
}
