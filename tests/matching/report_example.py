"""A fictional territory for the tests of the report: nobody in it exists."""

import json
import random
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

DAY = date(2026, 11, 16)

FAMILY = "Lemarchand Ozanne Kerbiriou Tshibangu Le_Goaziou N'Diaye Müller Da_Costa Bénard".split()
FIRST = "Maëlys Ilan Anne-Sophie Yanis Chloé Mamadou Théo Inès Élouan Zoé Nolan Lina".split()
CLASSES = ("2DE4", "1ASSP1", "TMELEC", "TCAP2", "3EME5", "1STMG2", "TG3")
FORMATIONS = ("2DE GENERALE ET TECHNOLOGIQUE", "1ERE PRO ASSP", "TLE PRO MELEC", None)

EVIDENCE: dict[str, list[dict[str, Any]]] = {
    "missing": [
        {"agree": [], "close": [], "differ": [], "vetoes": []},
        {"nearest": {"source": "cfa", "uai": "0442789X", "probability": 0.004,
                     "agree": ["prenom", "date_naissance"], "close": [],
                     "differ": ["nom_famille", "commune_naissance"], "kept_apart": ["weak"]}},
        {"nearest": {"source": "siecle", "uai": "0440123K", "probability": 0.31,
                     "agree": ["nom_famille", "date_naissance", "commune_naissance"], "close": [],
                     "differ": ["prenom"], "kept_apart": ["twin", "taken"]}},
    ],
    "review": [
        {"agree": ["nom_famille", "date_naissance"], "close": ["prenom"], "differ": ["ine"],
         "vetoes": ["twin"]},
        {"agree": ["prenom", "commune_naissance"], "close": ["date_naissance"],
         "differ": ["nom_famille"], "vetoes": ["too_little"]},
    ],
    "found": [{"agree": ["ine", "nom_famille", "prenom", "date_naissance"], "close": [],
               "differ": [], "vetoes": []}],
}  # fmt: skip


def coverage() -> list[dict[str, Any]]:
    def register(
        side: str, source: str, label: str, status: str, age: int | None, rows: int,
        schools: int, message: str = "", nature: str = "inscription",
    ) -> dict[str, Any]:  # fmt: skip
        exported = None if age is None else (DAY - timedelta(days=age)).isoformat()
        return {"side": side, "source": source, "label": label, "files": schools,
                "schools": schools, "rows": rows, "exported_on": exported, "age_days": age,
                "school_year": 2026 if side == "after" else 2025, "nature": nature,
                "status": status, "message": message}  # fmt: skip

    return [
        register("before", "siecle", "SIECLE, élèves avec adresses", "ok", 130, 58_200, 84),
        register("before", "prive", "Import du privé 3.1", "ok", 128, 9_410, 17),
        register("after", "siecle", "SIECLE, élèves avec adresses", "ok", 1, 57_903, 84),
        register("after", "prive", "Import du privé 3.1", "ok", 3, 9_377, 17),
        register("after", "cfa-saint-herblain", "Apprentissage, dossierApprenant v3", "late", 37,
                 2_204, 1, "Exportée il y a 5 semaines : les contrats signés depuis n’y sont pas. "
                 "Demandez un export récent avant d’appeler."),
        register("after", "agricole", "FREGATA", "quarantined", 2, 311, 1, "Base partielle : 62 % "
                 "des élèves d’hier ont disparu du 0441111X. Mise de côté, à redemander."),
        register("followed", "mission-locale", "Base simple", "ok", 6, 1_805, 0,
                 nature="accompagnement"),
    ]  # fmt: skip


def uai(rank: int) -> str:
    """A fictional UAI with a valid key."""
    digits = f"044{rank:04d}"
    return digits + "ABCDEFGHJKLMNPRSTUVWXYZ"[int(digits) % 23]


def territory(rows: int, schools: int, seed: int = 7) -> dict[str, Any]:
    """The arguments of `write_report` for `rows` listed enrolments over `schools` schools."""
    draw = random.Random(seed)
    places = [uai(rank) for rank in range(1, schools + 1)]
    lanes = ["obligation_16_17"] * 4 + ["dropout"] * 6 + ["diploma_unknown"] * 7
    lanes += ["young_graduate", "left_academie", "graduate"]
    people = []
    for person in range(rows):
        verdict = draw.choices(["missing", "review", "found"], [90, 6, 4])[0]
        lane = draw.choice(lanes)
        age = draw.choice([16, 17]) if lane in ("obligation_16_17", "young_graduate") else (
            draw.randint(18, 24))  # fmt: skip
        born = DAY - timedelta(days=age * 366 + draw.randint(0, 330))
        left = DAY - timedelta(days=draw.randint(4, 150))
        evidence = json.loads(json.dumps(draw.choice(EVIDENCE[verdict])))
        if "nearest" in evidence:
            evidence["nearest"]["uai"] = draw.choice(places)
            evidence["nearest"]["probability"] = round(draw.random() / 4, 6)
        certain = verdict == "missing"
        people.append({
            "person": person, "verdict": verdict, "lane": lane, "fragile": verdict == "found",
            "followed_by": "Mission locale de Fictiville" if draw.random() < 0.06 else None,
            "source": "siecle", "uai": draw.choice(places), "identifiant_local": str(person),
            "nom_famille": draw.choice(FAMILY).replace("_", " ").upper(), "nom_usage": None,
            "prenom": draw.choice(FIRST), "date_naissance": born, "age": age,
            "sexe": draw.choice(["F", "M", None]), "statut": "scolaire", "mef": None,
            "formation": draw.choice(FORMATIONS), "classe": draw.choice(CLASSES),
            "date_entree": None, "date_sortie": left.isoformat() if draw.random() < 0.8 else None,
            "motif_sortie": None, "telephone": "0600000000" if draw.random() < 0.7 else None,
            "courriel": None,
            "representant_nom": "LEMARCHAND Dominique" if draw.random() < 0.8 else None,
            "representant_telephone": "02 00 00 00 00" if draw.random() < 0.8 else None,
            "commune_residence": "44109", "code_postal": "44000",
            "also_listed_by": "0440002B" if draw.random() < 0.02 else None,
            "matched_source": None if certain else "siecle",
            "matched_uai": None if certain else draw.choice(places),
            "probability": None if verdict != "review" else draw.choice([0.41, 0.62, 0.77]),
            "evidence": json.dumps(evidence),
        })  # fmt: skip
    table = pa.Table.from_pylist(people) if people else pa.table(
        {"person": pa.array([], pa.int64()), "verdict": pa.array([], pa.string())})  # fmt: skip
    missing = sum(row["verdict"] == "missing" for row in people)
    review = sum(row["verdict"] == "review" for row in people)
    left_count = rows * 6
    counts = {
        "before_enrolments": rows * 30, "before_persons": rows * 29,
        "found": rows * 28, "review": review, "missing": missing, "excluded": rows // 5,
        "found_same_school": rows * 23, "left": left_count,
        "found_elsewhere_by": {"ine": rows * 3, "identite": rows, "model": rows // 2,
                               "decision": 2},
        "fragile": rows - missing - review, "lanes": {},
        "excluded_by": {"under_16": rows // 6, "age_unknown": 3, "deceased": 5},
        "already_followed": rows // 16,
    }  # fmt: skip
    names = ["Lycée Alexandre-Yersin-Fictif", "Lycée professionnel des Trois-Rivières",
             "Collège du Grand-Large", None]  # fmt: skip
    listed = pa.table({
        "uai": places,
        "name": [names[rank % 4] and f"{names[rank % 4]} {rank}" for rank in range(schools)],
        "left": [40 + rank % 60 for rank in range(schools)],
        "found": [30 + rank % 50 for rank in range(schools)],
        "review": [1] * schools, "missing": [5] * schools, "fragile": [0] * schools,
    })  # fmt: skip
    return {"summary": {"counts": counts}, "coverage": coverage(), "schools": listed,
            "people": table, "generated_for": DAY}  # fmt: skip
