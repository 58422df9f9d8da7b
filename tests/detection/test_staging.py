"""What goes from a register to a case, as people read it."""

import duckdb
import pytest

from raccord.detection.staging import COLUMNS


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ANNE-LOU", "Anne-Lou"),
        ("ÉLOÏSE", "Éloïse"),
        (" JEAN MARC ", "Jean Marc"),
        ("Maël", "Maël"),
        ("mcKenzie", "mcKenzie"),
        (None, ""),
    ],
)
def test_a_first_name_is_not_shouted(written: str | None, said: str) -> None:
    _, sql = COLUMNS["first_name"]
    [(found,)] = duckdb.execute(
        f"SELECT {sql} FROM (SELECT $1::VARCHAR AS prenom) p", [written]
    ).fetchall()
    assert found == said
