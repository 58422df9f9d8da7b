"""Roles: what a membership lets somebody be in a structure. Rights come from nowhere else."""

from enum import StrEnum

from raccord.territory.kinds import SCHOOLS, Kind


class Role(StrEnum):
    """Values are stored, and read by the SQL of row-level security: never rename one."""

    HEAD = "head"
    CORRESPONDENT = "correspondent"
    SECRETARIAT = "secretariat"
    LEAD = "lead"
    AGENT = "agent"
    BASIN_REFERENT = "basin_referent"
    DASEN = "dasen"
    IEN_IO = "ien_io"
    STEERING = "steering"
    TERRITORY_ADMIN = "territory_admin"
    TECHNICAL = "technical"
    DPO = "dpo"

    @property
    def label(self) -> str:
        """The words on screen."""
        return _LABELS[self]


_LABELS = {
    Role.HEAD: "Chef d’établissement",
    Role.CORRESPONDENT: "Correspondant de l’établissement",
    Role.SECRETARIAT: "Secrétariat",
    Role.LEAD: "Responsable de la structure",
    Role.AGENT: "Conseiller de la structure",
    Role.BASIN_REFERENT: "Référent du bassin",
    Role.DASEN: "DASEN",
    Role.IEN_IO: "IEN-IO",
    Role.STEERING: "Pilotage (chiffres, sans noms)",
    Role.TERRITORY_ADMIN: "Administrateur du territoire",
    Role.TECHNICAL: "Administrateur technique",
    Role.DPO: "Délégué à la protection des données",
}

#: Those who see names: a second factor is required of them (CNIL, recommandation of April 2025).
SEES_NAMES = frozenset(
    {
        Role.HEAD,
        Role.CORRESPONDENT,
        Role.SECRETARIAT,
        Role.LEAD,
        Role.AGENT,
        Role.BASIN_REFERENT,
        Role.DASEN,
        Role.IEN_IO,
    }
)

#: Those whose sight is the cases their structure takes part in (`followup.Party`).
OF_STRUCTURE = frozenset({Role.HEAD, Role.CORRESPONDENT, Role.SECRETARIAT, Role.LEAD, Role.AGENT})

#: Those whose sight is what the law gives of a whole département: the under-16s (obligation
#: d'instruction) and the cases left untouched.
OF_DEPARTEMENT = frozenset({Role.DASEN, Role.IEN_IO})

#: A secretariat sees identity, contacts and letters; never interviews.
NO_INTERVIEWS = frozenset({Role.SECRETARIAT})

#: What may be given in which structure.
_SCHOOL_ROLES = frozenset({Role.HEAD, Role.CORRESPONDENT, Role.SECRETARIAT})
_SERVICE_ROLES = frozenset({Role.LEAD, Role.AGENT, Role.SECRETARIAT, Role.BASIN_REFERENT})
_ACADEMIC_ROLES = frozenset(
    {Role.STEERING, Role.TERRITORY_ADMIN, Role.TECHNICAL, Role.DPO, Role.AGENT}
)


def roles_in(kind: str) -> frozenset[Role]:
    """The roles that a structure of this kind can have."""
    if kind in SCHOOLS:
        return _SCHOOL_ROLES
    if kind == Kind.DSDEN:
        return _ACADEMIC_ROLES | {Role.DASEN, Role.IEN_IO}
    if kind in {Kind.RECTORAT, Kind.DRAIO, Kind.DRAAF, Kind.REGION}:
        return _ACADEMIC_ROLES - {Role.AGENT}
    return _SERVICE_ROLES
