"""SIFA: apprentices on 31 December."""

from pathlib import Path

import pytest
from tests.registers.reading_of import document, reading_of

from raccord.registers.formats import sifa

COLUMNS = (
    "INE NUMERO_UAI TYPE_CFA SIT_FORM UAI_EPLE NAT_STR_JUR STATUT DIPLOME RNCP DUR_FORM_THEO "
    "DUR_FORM_REELLE AN_FORM NOM NOM2 PRENOM1 PRENOM2 PRENOM3 ADRESSE COD_POST COM_RESID "
    "TEL_JEUNE TEL_RESP1_PERSO TEL_RESP1_PRO TEL_RESP2_PERSO TEL_RESP2_PRO MAIL_JEUNE MAIL_RESP1 "
    "MAIL_RESP2 DATE_NAIS LIEU_NAIS SEXE REGIME_SCO PCS HANDI NATIO SIT_AV_APP DIP_OBT SIT_N_1 "
    "ETAB_N_1 TYPE_EMP DATE_ENTREE_CFA DATE_DEB_CONT DATE_RUPT_CONT COM_ETAB NAF_ETAB NBSAL_EMP "
    "SIRET_EMP"
).split()
LEARNER = {
    "INE": "0102A12345F",
    "NUMERO_UAI": "0440001M",
    "DIPLOME": "50022145",
    "NOM": "MOREAU",
    "PRENOM1": "Enzo",
    "PRENOM2": "Luc",
    "DATE_NAIS": "01092008",
    "LIEU_NAIS": "1004",
    "COD_POST": "1000",
    "SEXE": "1",
    "REGIME_SCO": "interdit-regime",
    "PCS": "interdit-pcs",
    "HANDI": "interdit-handi",
    "NATIO": "interdit-natio",
    "ETAB_N_1": "0540001H",
    "DATE_ENTREE_CFA": "2025-09-01",
    "DATE_DEB_CONT": "01/10/2025",
}


def file_of(*learners: dict[str, str]) -> str:
    rows = [";".join(learner.get(c, "") for c in COLUMNS) for learner in learners]
    return "\n".join([";".join(COLUMNS), *rows, ""])


def test_apprentice() -> None:
    row = reading_of(sifa, file_of(LEARNER)).rows[0]
    assert row["ine"] == "0102A12345F"
    assert row["date_naissance"] == "2008-09-01"
    assert row["commune_naissance"] == "01004"
    assert row["code_postal"] == "01000"
    assert row["uai_precedent"] == "0540001H"
    assert row["statut"] == "apprenti"
    assert "fragile_du" not in row
    assert row["prenoms_suivants"] == "Luc"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("01092008", "2008-09-01"),
        ("1092008", "2008-09-01"),
        ("20080901", "2008-09-01"),
        ("01/09/2008", "2008-09-01"),
        ("2008-09-01", "2008-09-01"),
        ("20112010", "2010-11-20"),
        ("39692", "2008-09-01"),
        ("bientôt", "bientôt"),
    ],
)
def test_date_forms(written: str, day: str) -> None:
    assert (
        reading_of(sifa, file_of({**LEARNER, "DATE_NAIS": written})).rows[0]["date_naissance"]
        == day
    )


def test_fragile_without_contract_or_after_a_rupture() -> None:
    without = {**LEARNER, "DATE_DEB_CONT": ""}
    broken = {**LEARNER, "DATE_RUPT_CONT": "15/12/2025"}
    rows = reading_of(sifa, file_of(without, broken)).rows
    assert (rows[0]["statut"], rows[0]["fragile_du"]) == ("sans contrat", "2025-09-01")
    assert (rows[1]["statut"], rows[1]["fragile_du"]) == ("rupture", "2025-12-15")
    assert all("date_sortie" not in row for row in rows)


def test_forbidden_values_appear_nowhere() -> None:
    found = reading_of(sifa, file_of(LEARNER))
    assert "interdit" not in repr(found)


def test_a_departement_is_no_establishment() -> None:
    assert "uai_precedent" not in reading_of(sifa, file_of({**LEARNER, "ETAB_N_1": "044"})).rows[0]


@pytest.mark.shared
def test_real_columns(shared: Path) -> None:
    columns = (shared / "data/tdb/sifa_colonnes.txt").read_text("utf-8").split()
    assert columns == COLUMNS
    content = ";".join(columns) + "\n" + ";".join(LEARNER.get(c, "") for c in columns) + "\n"
    assert sifa.recognises(document(content))
    assert not reading_of(sifa, content).problems
