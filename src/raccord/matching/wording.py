"""The French sentences that explain a verdict: one vocabulary for the command line and the report.

Everything here is built from the evidence of a verdict (which fields agreed, were close or
differed, what kept two enrolments apart) and from the coverage of the comparison. The evidence
never holds the other person's values, so no sentence can reveal them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from raccord.matching.doubts import KEPT_APART, TO_CHECK
from raccord.matching.sources import source_name

#: Field of the plain register file -> (words on screen, feminine, plural).
_FIELDS: dict[str, tuple[str, bool, bool]] = {
    "ine": ("INE", False, False),
    "nom_famille": ("nom de famille", False, False),
    "nom_usage": ("nom d’usage", False, False),
    "prenom": ("prénom", False, False),
    "prenoms_suivants": ("autres prénoms", False, True),
    "date_naissance": ("date de naissance", True, False),
    "sexe": ("sexe", False, False),
    "commune_naissance": ("commune de naissance", True, False),
    "pays_naissance": ("pays de naissance", False, False),
    "commune_residence": ("commune de résidence", True, False),
    "code_postal": ("code postal", False, False),
    "adresse": ("adresse", True, False),
    "telephone": ("téléphone", False, False),
    "courriel": ("courriel", False, False),
    "representant_nom": ("nom du représentant légal", False, False),
    "representant_telephone": ("téléphone du représentant légal", False, False),
    "uai": ("établissement", False, False),
    "uai_precedent": ("établissement d’origine", False, False),
    "formation": ("formation", True, False),
    "classe": ("classe", True, False),
}

#: What "close" means for the fields where a plain « proche » would not help the reader to check.
_CLOSE: dict[str, str] = {
    "ine": "INE presque identique",
    "nom_famille": "nom de famille proche (orthographe, nom composé ou nom d’usage)",
    "prenom": "prénom proche (orthographe, diminutif ou ordre des prénoms)",
    "date_naissance": "date de naissance proche (jour et mois inversés, ou une saisie d’écart)",
}

_CHECK_BY_CALL = (
    "Demandez à l’établissement si c’est le même jeune (certificat de scolarité), sinon appelez ce "
    "jeune ou sa famille."
)

#: From this probability on nobody is asked: an excluded row carries no verdict of its own.
SURE = 0.97

#: Said of somebody missing whom no enrolment resembles.
NOBODY_NEAR = "Aucune inscription ne lui ressemble."

_FOUND_BY: dict[str, str] = {
    "ine": "Reconnu par son INE, confirmé par l’identité.",
    "identite": "Reconnu par son nom, son prénom et sa date de naissance, qui ne désignent "
    "qu’une personne de chaque côté.",
    "model": "Reconnu par ressemblance : aucun élément ne suffisait seul.",
    "decision": "Reconnu par une décision humaine : « c’est la même personne ».",
}

#: Short names of the means by which a young person is found, for the funnel.
MEANS: dict[str, str] = {
    "ine": "Retrouvés par leur INE",
    "identite": "Retrouvés par nom, prénom et date de naissance",
    "model": "Retrouvés par ressemblance",
    "decision": "Retrouvés par décision humaine",
}

#: lane -> label of the « circuit », as in filters.
LANES: dict[str, str] = {
    "obligation_16_17": "16–17 ans, obligation de formation",
    "dropout": "Sorti sans diplôme",
    "young_graduate": "Diplômé de 16–17 ans",
    "diploma_unknown": "Diplôme inconnu",
    "graduate": "Diplômé majeur",
    "left_academie": "Départ déclaré hors académie",
    "under_16": "Moins de 16 ans",
    "age_unknown": "Âge inconnu",
}

_LANE_SENTENCES: dict[str, str] = {
    "obligation_16_17": "16 ou 17 ans : l’obligation de formation s’applique, diplôme ou non "
    "(code de l’éducation, L. 114-1).",
    "dropout": "A quitté sa formation sans le diplôme requis (code de l’éducation, D. 313-59).",
    "young_graduate": "Diplômé, mais 16 ou 17 ans : l’obligation de formation dure jusqu’à 18 ans "
    "(code de l’éducation, L. 114-1).",
    "diploma_unknown": "Était en année de diplôme et aucun résultat d’examen n’a été lu : vérifiez "
    "d’abord s’il est diplômé.",
    "graduate": "Majeur et diplômé : n’entre pas dans les listes de repérage.",
    "left_academie": "Un départ vers une autre académie a été déclaré : à clore avec le certificat "
    "de scolarité de l’établissement d’accueil.",
    "under_16": "Moins de 16 ans : obligation d’instruction. Le chef d’établissement saisit la "
    "DSDEN et le maire ; jamais la mission locale.",
    "age_unknown": "Date de naissance absente ou illisible : à corriger dans votre logiciel.",
}

STATUS: dict[str, str] = {
    "ok": "À jour",
    "late": "En retard",
    "quarantined": "Mise de côté",
    "refused": "Refusée",
    "absent": "Absente",
}

NATURES: dict[str, str] = {
    "inscription": "inscriptions",
    "diplome": "diplômes",
    "accompagnement": "accompagnement",
}

MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()


def typeset(text: str) -> str:
    """French spaces that never break: before `: ; ? ! » %` and after `«`."""
    for mark in ":;?!»%":
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return text.replace("« ", "«\u00a0")


def number(value: int | None) -> str:
    """`12345` -> `12 345` with a narrow no-break space; `None` -> `0`."""
    value = value or 0
    return str(value) if -1000 < value < 1000 else f"{value:,}".replace(",", "\u202f")


def count(value: int, one: str, many: str | None = None) -> str:
    """`count(2, "jeune")` -> `2 jeunes`. French: zero and one are singular."""
    return f"{number(value)}\u00a0{one if value < 2 else many or one + 's'}"


def day(value: date) -> str:
    """`2026-11-01` -> `1er novembre 2026`."""
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first} {MONTHS[value.month - 1]} {value.year}"


def how_old(days: int | None) -> str:
    """An age in days as people say it: `5 semaines`; `None` -> `date inconnue`."""
    if days is None:
        return "date inconnue"
    if days <= 0:
        return "du jour"
    if days < 14:
        return count(days, "jour")
    if days < 70:
        return count(days // 7, "semaine")
    return f"{number(round(days / 30.44))}\u00a0mois"


def chances(probability: float | None) -> str:
    """A probability as people say it, never rounded to a certainty."""
    if probability is None:
        return "probabilité inconnue"
    if probability < 0.01:
        return "moins de 1 chance sur 100"
    if probability >= 0.995:
        return "plus de 99 chances sur 100"
    return f"environ {round(probability * 100)} chances sur 100"


def _enumerate(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " et " + parts[-1]


def _words(field: str) -> tuple[str, bool, bool]:
    return _FIELDS.get(field, (f"champ « {field} »", False, False))


def agreements(fields: Iterable[str]) -> list[str]:
    """`["prenom"]` -> `["même prénom"]`."""
    return [f"{'mêmes' if plural else 'même'} {words}" for words, _, plural in map(_words, fields)]


def near_agreements(fields: Iterable[str]) -> list[str]:
    """`["adresse"]` -> `["adresse proche"]`, with what may explain it where that helps."""
    said = []
    for field in fields:
        words, _, plural = _words(field)
        said.append(_CLOSE.get(field, f"{words} proche{'s' if plural else ''}"))
    return said


def differences(fields: Iterable[str]) -> list[str]:
    """`["adresse"]` -> `["adresse différente"]`."""
    return [
        f"{words} différent{'e' if feminine else ''}{'s' if plural else ''}"
        for words, feminine, plural in map(_words, fields)
    ]


def _list(evidence: Mapping[str, Any], key: str) -> list[str]:
    value = evidence.get(key)
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def comparison(evidence: Mapping[str, Any]) -> str:
    """What agreed, was close and differed, in one line; empty when nothing was compared."""
    parts = [
        ", ".join(agreements(_list(evidence, "agree"))),
        ", ".join(near_agreements(_list(evidence, "close"))),
        ", ".join(differences(_list(evidence, "differ"))),
    ]
    return " ; ".join(part for part in parts if part)


def kept_apart(codes: Iterable[str]) -> str:
    """The reasons for which a candidate was not accepted, joined; empty without reason."""
    return " ; ".join(KEPT_APART.get(code, f"motif « {code} »") for code in codes)


def place(uai: str | None, source: str | None) -> str:
    """Where an enrolment is: `à l’établissement 0440001M (base SIECLE)`."""
    where = f"à l’établissement {uai}" if uai else "dans un établissement non précisé"
    return f"{where} (base {source_name(source)})" if source else where


def enrolment_registers(coverage: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The registers of today that can find a pupil, whatever their state."""
    return [
        register
        for register in coverage
        if register.get("side") == "after"
        and register.get("nature", "inscription") in ("inscription", None)
    ]


def _is_read(register: Mapping[str, Any]) -> bool:
    return register.get("status") in ("ok", "late", None)


def register_name(register: Mapping[str, Any]) -> str:
    """`cfa-nantes (dossierApprenant)`, or whichever of the two is known."""
    source, label = source_name(register.get("source")), register.get("label")
    if source and label and source != label:
        return f"{source} ({label})"
    return str(source or label or "base sans nom")


def trouble(register: Mapping[str, Any]) -> str:
    """Why a register cannot be fully trusted: `5 semaines`, `absente`; empty when it can.

    Of a register in many files, only the late ones: `3 fichiers sur 78, 5 semaines`.
    """
    status = register.get("status") or "ok"
    if status == "ok":
        return ""
    if status == "late":
        age = how_old(register.get("age_days"))
        late, files = register.get("late_files"), register.get("files") or 0
        return f"{count(late, 'fichier')} sur {number(files)}, {age}" if late and files > 1 else age
    return STATUS.get(status, str(status)).lower()


def _troubles(registers: Iterable[Mapping[str, Any]], shown: int = 3) -> str:
    """The registers not to be trusted, most harmful first: `cfa (5 semaines), agri (absente)`."""
    named = [f"{source_name(register.get('source')) or register_name(register)} ({why})"
             for register in registers if (why := trouble(register))]  # fmt: skip
    if len(named) > shown:
        return ", ".join(named[:shown]) + f" et {count(len(named) - shown, 'autre')}"
    return _enumerate(named) if named else ""


def freshness(coverage: Sequence[Mapping[str, Any]]) -> str:
    """One sentence on the registers searched, true today, with the warning it deserves."""
    registers = enrolment_registers(coverage)
    read = [register for register in registers if _is_read(register)]
    if not read:
        return "Aucune base d’inscription n’a pu être lue : cette liste ne vaut rien en l’état."
    sound = [register for register in read if not trouble(register)]
    said = count(len(sound), "base d’inscription lue", "bases d’inscription lues")
    undated = sum(register.get("exported_on") is None for register in read)
    troubles = _troubles(sorted(registers, key=_is_read))
    if troubles:
        if not sound:
            return f"Aucune base à jour ({troubles}) : attendez-vous à de fausses alertes."
        if undated or any(r.get("late_files") for r in read):
            said = count(len(read), "base d’inscription lue", "bases d’inscription lues")
            return f"{said}. En défaut : {troubles} ; attendez-vous à de fausses alertes."
        return f"{said} et à jour, sauf {troubles} : attendez-vous à de fausses alertes."
    return (
        f"{said}, dont {number(undated)} sans date d’export." if undated else f"{said} et à jour."
    )


def coverage_sentence(coverage: Sequence[Mapping[str, Any]], *, brief: bool = False) -> str:
    """What was searched for somebody missing: how many registers, how old, which ones lack.

    `brief` leaves out the registers in default, where the same page already tells them.
    """
    registers = enrolment_registers(coverage)
    read = [register for register in registers if _is_read(register)]
    if not read:
        return "Cherché nulle part : aucune base d’inscription n’a pu être lue."
    ages = [age for register in read if (age := register.get("age_days")) is not None]
    said = f"Cherché dans {count(len(read), 'base d’inscription', 'bases d’inscription')}"
    if ages:
        said += f", la plus ancienne : {how_old(max(ages))}"
    troubles = "" if brief else _troubles(sorted(registers, key=_is_read))
    if troubles:
        said += f". Ce jeune est peut-être inscrit dans une base en défaut : {troubles}"
    return said + "."


def _found(evidence: Mapping[str, Any], matched_by: str | None, probability: float | None,
           place: str, fragile: bool) -> list[str]:  # fmt: skip
    said = [f"Inscrit {place}."]
    if matched_by:
        said.append(_FOUND_BY.get(matched_by, f"Reconnu par la passe « {matched_by} »."))
    if matched_by == "model" and probability is not None:
        said.append(f"Probabilité que ce soit la même personne : {chances(probability)}.")
    if compared := comparison(evidence):
        said.append(f"Comparé : {compared}.")
    if fragile:
        said.append(
            "Inscription fragile (apprenti sans contrat ou après une rupture, ou élève affecté "
            "jamais venu) : à appeler avant qu’elle ne se perde."
        )
    return said


def _review(evidence: Mapping[str, Any], probability: float | None, place: str) -> list[str]:
    said = [f"Peut-être inscrit {place} : {chances(probability)} que ce soit la même personne."]
    if agree := agreements(_list(evidence, "agree")):
        said.append(f"Ce qui concorde : {_enumerate(agree)}.")
    doubts = near_agreements(_list(evidence, "close")) + differences(_list(evidence, "differ"))
    if doubts:
        said.append(f"Ce qui fait douter : {_enumerate(doubts)}.")
    codes = _list(evidence, "vetoes")
    if codes:
        said.append(f"Pourquoi nous ne tranchons pas : {kept_apart(codes)}.")
    checks = [check for code in codes if (check := TO_CHECK.get(code))]
    first, *others = checks or [_CHECK_BY_CALL]
    said.append(" ".join(["À vérifier :", first[0].lower() + first[1:], *others]))
    return said


def _missing(evidence: Mapping[str, Any], searched: str) -> list[str]:
    said = [searched] if searched else []
    nearest = evidence.get("nearest")
    if not isinstance(nearest, Mapping):
        said.append(NOBODY_NEAR)
        return said
    line = f"L’inscription la plus proche est {place(nearest.get('uai'), nearest.get('source'))}"
    if compared := comparison(nearest):
        line += f" : {compared}"
    said.append(f"{line}.")
    codes = _list(nearest, "kept_apart") or ["weak"]
    said.append(f"Écartée : {kept_apart(codes)} ({chances(nearest.get('probability'))}).")
    return said


def sentences(
    *,
    verdict: str,
    evidence: Mapping[str, Any],
    matched_by: str | None = None,
    matched_source: str | None = None,
    matched_uai: str | None = None,
    probability: float | None = None,
    lane: str | None = None,
    fragile: bool = False,
    followed_by: str | None = None,
    also_listed_by: str | None = None,
    searched: str = "",
) -> list[str]:
    """Explain one verdict in plain French, one fact per sentence.

    `evidence` is the JSON of the verdict, already parsed; an unknown field or code is said as it
    is rather than left out. `searched` is `coverage_sentence(coverage)`, the same for everybody.
    A deceased pupil gets no sentence at all: the file is closed for everyone.
    """
    if lane == "deceased":
        return []
    where = place(matched_uai, matched_source)
    if verdict == "found":
        said = _found(evidence, matched_by, probability, where, fragile)
    elif verdict == "review":
        said = _review(evidence, probability, where)
    elif verdict == "missing":
        said = _missing(evidence, searched)
    else:
        said = ["Hors des listes, compté à part."]
        if matched_uai and (probability is None or probability >= SURE):
            # Under 16 and at school: there is nobody to alert.
            return [typeset(sentence) for sentence in (*said, f"Inscrit {where}.")]
    if verdict != "found" and lane in _LANE_SENTENCES:
        said.append(_LANE_SENTENCES[lane])
    if followed_by:
        said.append(
            f"Déjà accompagné par {followed_by} : appelez d’abord cette structure. Être accompagné "
            "n’est pas être inscrit."
        )
    if also_listed_by:
        said.append(
            f"Aussi listé par {also_listed_by}, où ce jeune était également inscrit : un seul "
            "appel suffit, convenez de qui le passe."
        )
    return [typeset(sentence) for sentence in said]


def headline(to_check: int, minors: int) -> str:
    """The first line of the report: how many young people, and who is urgent."""
    if to_check == 0:
        return "Aucun jeune à vérifier."
    said = count(to_check, "jeune à vérifier", "jeunes à vérifier")
    return f"{said}, dont {count(minors, 'mineur')}." if minors else f"{said}."


def four_questions(coverage: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """The four questions every school asks about its list, with the facts of this comparison."""
    return [
        (typeset(question), [typeset(answer) for answer in answers])
        for question, answers in _four_questions(coverage)
    ]


def _four_questions(coverage: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    troubles = _troubles(enrolment_registers(coverage), shown=5)
    late = (
        f"Dans cette comparaison : {troubles}."
        if troubles
        else "Dans cette comparaison, aucune base lue n’est signalée en défaut ; une base jamais "
        "reçue n’y figure pas."
    )
    return [
        (
            "Pourquoi un élève inscrit quelque part est-il sur ma liste ?",
            [
                "Parce que la base où il est inscrit n’a pas été lue, ou qu’elle est plus ancienne "
                f"que son inscription. {late}",
                "Ou parce que son inscription porte une date de sortie déjà passée, ou une "
                "identité trop différente et pas d’INE : « Pourquoi ce nom ? » donne alors "
                "l’inscription la plus proche et ce qui l’a écartée.",
                "Être suivi par une mission locale ou la MLDS n’est pas être inscrit : le jeune "
                "reste sur la liste, avec le nom de la structure qui le suit.",
            ],
        ),
        (
            "Pourquoi un élève parti dans le privé est-il sur ma liste ?",
            [
                "Un établissement privé sous contrat ne peut retrouver un élève que si sa base a "
                "été fournie : vérifiez qu’elle figure dans « Bases lues », et sa date.",
                "Le privé hors contrat et l’enseignement à distance n’envoient aucun fichier : "
                "demandez le certificat de scolarité.",
            ],
        ),
        (
            "Pourquoi un jeune vraiment sorti n’est-il pas sur ma liste ?",
            [
                "Il est peut-être encore inscrit dans une base : sortie non saisie, ou date de "
                "sortie à venir. Corrigez-la dans le logiciel de l’établissement.",
                "Il est peut-être dans une autre liste : « à confirmer », « diplôme inconnu », "
                "« inscrits mais fragiles ».",
                "Les moins de 16 ans et les jeunes sans date de naissance lisible sont comptés à "
                "part et n’apparaissent dans aucune liste.",
                "Il a pu être confondu avec un autre élève ; c’est rare, et c’est l’erreur que "
                "Raccord évite en premier (jumeaux, homonymes, INE d’un autre). Signalez-le : une "
                "décision humaine l’emporte toujours.",
            ],
        ),
        (
            "Pourquoi un même jeune est-il listé par deux établissements ?",
            [
                "Parce que les deux l’avaient inscrit l’an dernier (changement en cours d’année, "
                "double inscription). C’est une seule personne et un seul dossier : la ligne dit "
                "« aussi listé par », et un seul appel suffit.",
            ],
        ),
    ]
