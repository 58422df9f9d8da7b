"""`raccord explain`: the same sentences as the report, for one enrolment."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.matching.report_example import EVIDENCE, coverage

from raccord.matching.explanation import UnknownEnrolment, explain

COLUMNS: dict[str, pa.DataType] = {
    "source": pa.string(), "uai": pa.string(), "identifiant_local": pa.string(),
    "person": pa.int64(), "verdict": pa.string(), "matched_source": pa.string(),
    "matched_uai": pa.string(), "matched_identifiant_local": pa.string(),
    "matched_by": pa.string(), "probability": pa.float64(), "lane": pa.string(),
    "fragile": pa.bool_(), "followed_by": pa.string(), "evidence": pa.string(),
}  # fmt: skip


def folder(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    base = {"source": "siecle", "uai": "0440001M", "person": 1, "verdict": "missing",
            "fragile": False, "evidence": "{}"}  # fmt: skip
    full = [
        {name: (base | {"identifiant_local": str(rank)} | row).get(name) for name in COLUMNS}
        for rank, row in enumerate(rows)
    ]
    pq.write_table(pa.Table.from_pylist(full, pa.schema(COLUMNS)), tmp_path / "verdicts.parquet")
    (tmp_path / "summary.json").write_text(json.dumps({"coverage": coverage()}), "utf-8")
    return tmp_path


def text(*given: Any, **more: Any) -> str:
    return "\n".join(explain(*given, **more)).replace("\xa0", " ")


def test_missing_tells_the_registers_the_nearest_and_why(tmp_path: Path) -> None:
    out = folder(
        tmp_path, {"lane": "obligation_16_17", "evidence": json.dumps(EVIDENCE["missing"][2])}
    )
    said = text(out, "0440001m", " 0 ")
    assert "0440001M, 0 (base SIECLE) : manquant." in said
    assert "Cherché dans 3 bases" in said
    assert "cfa-saint-herblain (5 semaines)" in said
    assert "jumeau" in said
    assert "Pourquoi un élève inscrit quelque part est-il sur ma liste ?" in said
    assert "Pourquoi un élève parti dans le privé" in said


def test_the_three_nearest_candidates_are_told(tmp_path: Path) -> None:
    def nearest(_out: Path, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        assert row["identifiant_local"] == "0"
        return [{"source": "cfa", "uai": f"044000{rank}X", "probability": 0.2 / rank,
                 "agree": ["prenom"], "close": [], "differ": ["nom_famille"],
                 "kept_apart": ["weak"]} for rank in (1, 2, 3, 4)]  # fmt: skip

    out = folder(tmp_path, {"evidence": json.dumps(EVIDENCE["missing"][1])})
    said = text(out, "0440001M", "0", nearest=nearest)
    assert "1. Une inscription à l’établissement 0440001X (base cfa), environ 20 chances" in said
    assert "3. " in said
    assert "4. " not in said
    assert "Aucune inscription ne lui ressemble" not in said
    assert "Écartée : la ressemblance est trop faible." in said


def test_found_and_review(tmp_path: Path) -> None:
    out = folder(
        tmp_path,
        {"verdict": "found", "matched_by": "ine", "matched_uai": "0442789X",
         "matched_source": "cfa", "evidence": json.dumps(EVIDENCE["found"][0])},
        {"verdict": "review", "matched_uai": "0442789X", "probability": 0.4, "person": 2,
         "evidence": json.dumps(EVIDENCE["review"][0])},
    )  # fmt: skip
    found = text(out, "0440001M", "0")
    assert "retrouvé." in found
    assert "Inscrit à l’établissement 0442789X (base cfa)." in found
    assert "Pourquoi un jeune vraiment sorti n’est-il pas sur ma liste ?" in found
    review = text(out, "0440001M", "1")
    assert "à confirmer." in review
    assert "À vérifier : " in review


def test_a_person_listed_by_two_schools(tmp_path: Path) -> None:
    out = folder(tmp_path, {}, {"uai": "0440002N"})
    said = text(out, "0440001M", "0")
    assert "Aussi listé par 0440002N" in said
    assert "Pourquoi un même jeune est-il listé par deux établissements ?" in said


def test_of_a_death_nothing_is_told(tmp_path: Path) -> None:
    out = folder(tmp_path, {"verdict": "excluded", "lane": "deceased"})
    assert text(out, "0440001M", "0") == "0440001M, 0 (base SIECLE) : hors des listes."


def test_an_unknown_enrolment_or_folder_gets_a_clear_answer(tmp_path: Path) -> None:
    with pytest.raises(UnknownEnrolment, match="raccord compare"):
        explain(tmp_path, "0440001M", "0")
    with pytest.raises(UnknownEnrolment, match="0440001M et l’identifiant 99"):
        explain(folder(tmp_path, {}), "0440001M", "99")
