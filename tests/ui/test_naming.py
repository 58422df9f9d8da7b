"""A structure inside a sentence, as people say it."""

import pytest

from raccord.ui.naming import called


@pytest.mark.parametrize(
    ("after", "name", "said"),
    [
        ("à", "CIO de Nantes", "au CIO de Nantes"),
        ("de", "Lycée Voltaire", "du Lycée Voltaire"),
        ("par", "Collège des Roseaux", "par le Collège des Roseaux"),
        ("par", "Mission locale de Rezé", "par la Mission locale de Rezé"),
        ("de", "MLDS (44)", "de la MLDS (44)"),
        ("à", "École de la deuxième chance", "à l’École de la deuxième chance"),
        ("par", "EPIDE du Vieux-Port", "par l’EPIDE du Vieux-Port"),
        ("de", "Info Jeunes", "d’Info Jeunes"),
        ("par", "France Travail", "par France Travail"),
        ("", "CFA du Gué", "le CFA du Gué"),
        ("", "France Travail", "France Travail"),
        ("chez", "", "chez "),
    ],
)
def test_a_name_takes_its_article(after: str, name: str, said: str) -> None:
    assert called(name, after) == said
