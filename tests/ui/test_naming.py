"""A structure inside a sentence, as people say it."""

from datetime import date

import pytest

from raccord.ui.naming import called
from raccord.ui.templatetags.raccord import from_to


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


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 11, 16), date(2026, 11, 29), "du 16 au 29 novembre 2026"),
        (date(2026, 11, 30), date(2026, 12, 13), "du 30 novembre au 13 décembre 2026"),
        (date(2026, 12, 28), date(2027, 1, 10), "du 28 décembre 2026 au 10 janvier 2027"),
        (date(2026, 2, 1), date(2026, 2, 14), "du 1er au 14 février 2026"),
    ],
)
def test_what_two_days_share_is_said_once(first: date, last: date, said: str) -> None:
    assert from_to(first, last).replace("\u00a0", " ") == said
