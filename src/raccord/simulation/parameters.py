"""Every rate of the simulated territory, each with where it comes from.

"Published" rates carry their source; "estimate" marks a default of ours that no source gives and
that a territory should replace by its own figure.
"""

from dataclasses import dataclass, field, replace
from datetime import date


@dataclass(frozen=True)
class RegisterRates:
    """What one kind of register holds. Shares of rows, 0 to 1."""

    #: INE present. Estimate: no published rate exists; ministry 99.5 %, private 98 %,
    #: agriculture 90 % (internal numbers), CFA 60 to 70 %.
    ine: float
    #: Columns filled. Estimate, from what each format makes compulsory: SIECLE asks for an
    #: address; the FREGATA extract has none; the dossierApprenant template wants mail and address
    #: but holds only the first forename and leaves the commune of birth optional; the private
    #: import asks for a place of birth and a representative, and has no commune of residence.
    prenoms_suivants: float
    commune_naissance: float
    adresse: float
    commune_residence: float
    telephone: float
    courriel: float
    representant: float
    representant_telephone: float
    #: Establishment of last year: SIECLE `SCOLARITE_AN_DERNIER`, `dernier_organisme_uai` of CFA.
    uai_precedent: float
    #: Names written in capitals without accents.
    capitals: float
    #: `nom_usage` filled when the person has one.
    nom_usage: float


#: In the order of `places.Kind.register`.
REGISTERS: dict[str, RegisterRates] = {
    "siecle": RegisterRates(
        0.995, 0.86, 0.985, 0.985, 0.97, 0.60, 0.50, 0.97, 0.92, 0.91, 0.05, 0.85
    ),
    "prive": RegisterRates(0.98, 0.80, 1.0, 0.98, 0.0, 0.55, 0.55, 1.0, 0.95, 0.85, 0.10, 0.70),
    "fregata": RegisterRates(0.90, 0.60, 0.95, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.30, 0.60),
    "dossier_apprenant": RegisterRates(
        0.65, 0.0, 0.55, 0.95, 0.60, 0.80, 0.95, 0.0, 0.0, 0.40, 0.55, 0.0
    ),
}


@dataclass(frozen=True)
class Funnel:
    """Among those flagged (16 or more, left a ministry school without the diploma bar and seen
    in no other ministry school), where they really are. Shares that sum to 1."""

    in_training: float
    untraceable: float
    dropout: float


#: GREF Bretagne, 2020-21: about 7,300 flagged, 51 % found in training, 15 % unknown, 34 % dropouts.
BRITTANY_2020_21 = Funnel(in_training=0.51, untraceable=0.15, dropout=0.34)
#: Brittany 2018-19 (GREF Bretagne; France 3): 7,254 flagged, 2,793 dropouts (39 %), 1,819
#: untraceable (25 %).
BRITTANY_2018_19 = Funnel(in_training=0.36, untraceable=0.25, dropout=0.39)


@dataclass(frozen=True)
class Parameters:
    """The rates of one simulated territory. Shares, 0 to 1, unless said otherwise."""

    # --- who leaves -------------------------------------------------------------------------
    #: *Before* rows whose young person is in no register after: the population of the measured
    #: comparison of one million by one million.
    gone: float = 0.08
    #: Flagged among the 16+ of the ministry's schools (GREF Bretagne, 2020-21: 2.9 %).
    flagged_16_plus: float = 0.029
    funnel: Funnel = field(default=BRITTANY_2020_21)
    #: Dropouts who hold a diploma all the same (GREF Bretagne, 2020-21: 10 %).
    dropout_with_diploma: float = 0.10
    #: Girls among real dropouts (GREF Bretagne, 2020-21: 40 %; 39 % in 2018-19).
    dropout_girls: float = 0.40
    #: Vocational courses among dropouts (Brittany 2018-19, France 3: 61 %).
    dropout_vocational: float = 0.61
    #: Under 16, gone abroad or to another territory. Estimate.
    gone_under_16: float = 0.004
    #: Leavers who are dead. Estimate: "a handful".
    deceased: float = 0.00012
    #: Gone persons still shown on the after side with a past leaving date. Estimate.
    left_since_september: float = 0.02
    #: Apprenticeship contracts broken (ToutEduc 22903: 27 to 27.4 %), most of them followed by
    #: another contract: on a given day about this share is after a rupture. Estimate.
    cfa_rupture_today: float = 0.05
    #: Registered without contract, ninety days at most (flux-retour-cfas). Estimate.
    cfa_without_contract: float = 0.07

    # --- identifiers ------------------------------------------------------------------------
    #: *After* rows without INE, all registers together (the per-register odds of `REGISTERS` are
    #: multiplied until this overall share is reached).
    without_ine: float = 0.06
    #: *After* rows whose INE is wrong, and the share of these that is another pupil's.
    wrong_ine: float = 0.015
    stranger_ine: float = 0.30
    #: A stranger's INE that is the twin's or sibling's own. Estimate.
    stranger_ine_family: float = 0.05
    #: *Before* rows lacking the INE, relative to after: completed during the year (SIECLE receives
    #: the INE from the academic base in the autumn). Estimate.
    without_ine_before: float = 0.30
    #: Persons who still carry an academic INE (INE-BEA) besides the national one. Estimate.
    two_ine: float = 0.02

    # --- identities -------------------------------------------------------------------------
    #: *After* rows whose names or birth date differ from the civil ones. Estimate: the law page
    #: gives 1 to 5 % for each noise.
    corrupted: float = 0.04
    #: A second corruption in an already corrupted row. Estimate.
    corrupted_twice: float = 0.15
    #: Children who are twins: about 1.5 % of births are twin births (INSEE), so 3 % of children.
    twin_children: float = 0.03
    #: Twin pairs whose first names resemble. Estimate.
    close_twins: float = 0.025
    #: Twins in the same school. Estimate.
    twins_together: float = 0.92
    #: Persons with a usage name; with a compound family name. Estimate.
    usage_name: float = 0.03
    compound_surname: float = 0.04
    #: Born abroad; of these, the first of January as a birth date. Estimate.
    born_abroad: float = 0.07
    born_january_first: float = 0.10

    # --- moves ------------------------------------------------------------------------------
    #: Families that change home in a year: 8 to 10 %. Estimate.
    moves_house: float = 0.09
    #: Of these, far enough to change establishment; out of the académie.
    moves_far: float = 0.35
    moves_out: float = 0.05
    #: Change of establishment without moving. Estimate.
    transfers: float = 0.02
    #: Phone number changed in a year, besides moves. Estimate.
    new_phone: float = 0.06
    #: Enrolled twice on one side: CFA by *formateur* and by *responsable*, apprentice also in a
    #: lycée. No figure is published ("own parameter"). Shares of apprentices.
    twice_cfa: float = 0.03
    twice_lycee: float = 0.02
    #: Pupils in private schools under contract. Estimate, near one in five (DEPP).
    private: float = 0.21

    # --- calendar ---------------------------------------------------------------------------
    #: School year that begins in September: 2026 is 2026-2027, the *after* side.
    school_year: int = 2026
    as_of: date = date(2026, 10, 15)

    def __post_init__(self) -> None:
        total = self.funnel.in_training + self.funnel.untraceable + self.funnel.dropout
        if abs(total - 1) > 1e-9:
            raise ValueError("the shares of a funnel sum to 1")


STANDARD = Parameters()
#: The harder noise: 20 % of rows without INE, 13 % of corrupted identities.
HARDER = replace(STANDARD, without_ine=0.20, corrupted=0.13)

#: Share of leavings by month of the school year, September first: 45 % in September-October, 10 %
#: in November, January-February, March; the rest spread, small bump in July-August (estimate kept
#: with the law page's defaults).
LEAVING_MONTHS: tuple[float, ...] = (
    0.30, 0.15, 0.10, 0.04, 0.05, 0.05, 0.10, 0.05, 0.04, 0.04, 0.05, 0.03
)  # fmt: skip
