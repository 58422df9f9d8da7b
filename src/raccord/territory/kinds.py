"""The kinds of structures. One table holds them all; what a structure may do comes from its kind
and from the memberships of its people, never from a table of its own."""

from enum import StrEnum


class Kind(StrEnum):
    """What a structure is. Values are stored: never rename one."""

    COLLEGE = "college"
    LYCEE = "lycee"
    LYCEE_PRO = "lycee_pro"
    LYCEE_AGRICOLE = "lycee_agricole"
    EREA = "erea"
    ECOLE = "ecole"
    CFA = "cfa"
    MFR = "mfr"
    UFA = "ufa"
    SEP = "sep"
    SEGPA = "segpa"
    HORS_CONTRAT = "hors_contrat"
    CIO = "cio"
    MLDS = "mlds"
    PSAD = "psad"
    MISSION_LOCALE = "mission_locale"
    EMPLOYMENT_PLATFORM = "employment_platform"
    FRANCE_TRAVAIL = "france_travail"
    INFO_JEUNES = "info_jeunes"
    E2C = "e2c"
    EPIDE = "epide"
    RSMA = "rsma"
    GRETA = "greta"
    SERVICE_CIVIQUE = "service_civique"
    INSERTION = "insertion"
    RECTORAT = "rectorat"
    DSDEN = "dsden"
    DRAIO = "draio"
    DRAAF = "draaf"
    REGION = "region"
    CONSEIL_DEPARTEMENTAL = "conseil_departemental"
    MAIRIE = "mairie"

    @property
    def label(self) -> str:
        """The words on screen."""
        return _LABELS[self]


_LABELS = {
    Kind.COLLEGE: "Collège",
    Kind.LYCEE: "Lycée",
    Kind.LYCEE_PRO: "Lycée professionnel",
    Kind.LYCEE_AGRICOLE: "Établissement agricole",
    Kind.EREA: "EREA",
    Kind.ECOLE: "École",
    Kind.CFA: "CFA",
    Kind.MFR: "Maison familiale rurale",
    Kind.UFA: "Unité de formation par apprentissage",
    Kind.SEP: "Section d’enseignement professionnel",
    Kind.SEGPA: "SEGPA",
    Kind.HORS_CONTRAT: "Établissement privé hors contrat",
    Kind.CIO: "CIO",
    Kind.MLDS: "MLDS",
    Kind.PSAD: "PSAD",
    Kind.MISSION_LOCALE: "Mission locale",
    Kind.EMPLOYMENT_PLATFORM: "Plateforme vers l’emploi",
    Kind.FRANCE_TRAVAIL: "France Travail",
    Kind.INFO_JEUNES: "Info Jeunes",
    Kind.E2C: "École de la deuxième chance",
    Kind.EPIDE: "EPIDE",
    Kind.RSMA: "RSMA",
    Kind.GRETA: "GRETA",
    Kind.SERVICE_CIVIQUE: "Service civique",
    Kind.INSERTION: "Structure d’insertion",
    Kind.RECTORAT: "Rectorat",
    Kind.DSDEN: "DSDEN",
    Kind.DRAIO: "DRAIO",
    Kind.DRAAF: "DRAAF",
    Kind.REGION: "Région",
    Kind.CONSEIL_DEPARTEMENTAL: "Conseil départemental",
    Kind.MAIRIE: "Mairie",
}

#: Where pupils and apprentices are enrolled: these have a register and a list of their own.
SCHOOLS = frozenset(
    {
        Kind.COLLEGE,
        Kind.LYCEE,
        Kind.LYCEE_PRO,
        Kind.LYCEE_AGRICOLE,
        Kind.EREA,
        Kind.CFA,
        Kind.MFR,
        Kind.UFA,
        Kind.SEP,
        Kind.SEGPA,
        Kind.HORS_CONTRAT,
    }
)
