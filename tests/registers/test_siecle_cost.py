"""What reading SIECLE XML costs, counted in calls of functions: no clock decides of a test.

The seconds are in the benchmark: `benchmarks/siecle.py`, against a bare walk through the file.
"""

from tests.calls import calls
from tests.registers.siecle_files import division, document, export, pupil

from raccord.registers.formats import Reading, siecle
from raccord.registers.problems import ProblemLog

LAST_YEAR = (
    "<CODE_MEF>10210001110</CODE_MEF><CODE_STRUCTURE>4 D</CODE_STRUCTURE>"
    "<CODE_RNE>0350001A</CODE_RNE><CODE_NATURE>340</CODE_NATURE><SIGLE>CLG</SIGLE>"
    "<DENOM_PRINC>COLLEGE</DENOM_PRINC><LIGNE1_ADRESSE>rue de l'Exemple</LIGNE1_ADRESSE>"
    "<CODE_COMMUNE_INSEE>35238</CODE_COMMUNE_INSEE><LL_COMMUNE_INSEE>RENNES</LL_COMMUNE_INSEE>"
)


def calls_to_read(pupils: int) -> int:
    numbers = range(pupils)
    content = export(
        (
            pupil(n, ELENOET=str(n), ADRESSE_ID=str(n), SCOLARITE_AN_DERNIER=LAST_YEAR)
            for n in numbers
        ),
        (division(n, (f"3 {n % 30}", "D"), ("_3G", "G")) for n in numbers),
        (
            f'<ADRESSE ADRESSE_ID="{n}"><LIGNE1_ADRESSE>{n} rue</LIGNE1_ADRESSE><LIGNE2_ADRESSE/>'
            "<CODE_POSTAL>35000</CODE_POSTAL><CODE_PAYS>100</CODE_PAYS></ADRESSE>"
            for n in numbers
        ),
    ).encode("iso-8859-15")

    def read() -> None:
        reading = Reading(document(content), ProblemLog())
        assert sum(batch.num_rows for batch in siecle.read(reading)) == pupils

    return calls(read)


def test_a_pupil_more_costs_few_calls_however_many_there_are() -> None:
    calls_to_read(1)  # what is loaded once
    few, more, many = map(calls_to_read, (100, 300, 900))
    among_few, among_many = (more - few) / 200, (many - more) / 600
    assert among_many <= 1.05 * among_few
    # 74 in November 2026 for three elements (pupil, division, address) of 25 fields; a function
    # called for each field, or each row handled twice, goes beyond.
    assert among_many <= 90
