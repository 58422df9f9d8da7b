"""Bodies whose very name would say something about the young person who goes there.

Health, disability, justice, child protection, asylum: Raccord has no field for them, and no
structure either (« accompagnement par un partenaire » is all that may be recorded). They are
counted and left out.
"""

import re

from raccord.territory.geography import folded_name

#: Said in the report of an import.
REASON = "structure de soin, de handicap, de justice ou de protection : jamais enregistrée"

#: Networks of data.inclusion, kinds of prescribers.
NETWORKS = frozenset(
    """agefiph ase caarud cada cap-emploi-reseau-cheops chrs chu cmp cph cpam csapa ea eatt esat
    federation-des-acteurs-de-la-solidarite huda maison-departementale-de-lautonomie mdph
    mutualite-sociale-agricole pjj points-justice siao singa spip unea""".split()
)
KINDS = frozenset("PJJ SPIP CAP_EMPLOI CHRS CADA CHU CSAPA CAARUD ASE HUDA CPH MDPH OHPD".split())

_NAME = re.compile(
    r"\b(?:itep|ime|impro|iem|sessad|esat|ulis|mdph|cmpp?|camsp|csapa|caarud|pjj|spip|cada|chrs|mecs"
    r"|protection judiciaire|penitentiaire|cap emploi|addictolog\w*|psychiatri\w*|hopital|medico)\b"
)


def is_sensitive_name(name: str) -> bool:
    return _NAME.search(folded_name(name)) is not None
