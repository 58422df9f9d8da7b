"""From enrolments to the plain columns of a register, with what each register leaves out."""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from raccord.registers.enrolment import PLAIN_COLUMNS
from raccord.simulation import keys, levels, noise
from raccord.simulation.enrolments import MOTIVES, STATUSES, Enrolments
from raccord.simulation.names import first_names, streets, surnames
from raccord.simulation.parameters import REGISTERS, Parameters
from raccord.simulation.places import SOURCES, Kind, Schools, Territory
from raccord.simulation.population import Population

SCHEMA = pa.schema([(name, pa.string()) for name in PLAIN_COLUMNS])

_SOURCE_OF_KIND = np.array([list(REGISTERS).index(s) for s in SOURCES])
_FIRST_DAY = int(np.datetime64("1990-01-01").astype(np.int64))
_LAST_DAY = int(np.datetime64("2040-12-31").astype(np.int64))
_DAYS = pa.array(np.datetime_as_string(np.arange(_FIRST_DAY, _LAST_DAY).astype("M8[D]")).tolist())
_COUNTRIES = pa.array("352 350 351 326 331 335 208 243 216 322 127 139".split())


@dataclass
class Rows:
    """One side, as text, and the two facts the truth keeps about its INE."""

    table: pa.Table
    ine_owner: NDArray[np.int64]  # person whose INE the row carries, -1 none or invented


def _pick(
    values: pa.Array, codes: NDArray[Any], where: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Values by code; null where `where` is false or the code is negative."""
    ok = codes >= 0 if where is None else where & (codes >= 0)
    return values.take(pa.array(np.where(ok, codes, 0), mask=~ok))


def days(values: NDArray[np.int64]) -> pa.Array:
    """ISO dates; null for -1."""
    return _pick(_DAYS, np.where(values < 0, -1, values - _FIRST_DAY))


def _hash(seed: int, values: NDArray[np.int64], salt: int) -> NDArray[np.int64]:
    """A stable number from 0 to 2^31 for each value: the same person draws the same on both sides."""  # noqa: E501
    with np.errstate(over="ignore"):
        x = values.astype(np.uint64) + np.uint64(seed * 1_000_003 + salt * 7_919 + 12_345)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(33)).astype(np.int64)


class Writer:
    """Turns enrolments of one territory into text. `seed` gives what does not change with time."""

    def __init__(
        self,
        people: Population,
        territory: Territory,
        schools: Schools,
        p: Parameters,
        seed: int,
    ) -> None:
        self.people = people
        self.territory = territory
        self.schools = schools
        self.p = p
        self.seed = seed
        self.ine_ranks = people.offset + np.arange(len(people))

    def stable(self, values: NDArray[np.int64], salt: int) -> NDArray[np.float64]:
        """A share from 0 to 1, always the same for the same value."""
        return _hash(self.seed, values + self.people.offset, salt) / float(1 << 31)

    def rows(self, rng: np.random.Generator, side: Enrolments, *, after: bool) -> Rows:
        """The plain columns of one side."""
        people, person = self.people, side.person
        kind = self.schools.kind[side.school]
        register = _SOURCE_OF_KIND[kind]
        rates = list(REGISTERS.values())

        def filled(field: str, salt: int) -> NDArray[np.bool_]:
            share = np.array([getattr(r, field) for r in rates])[register]
            # Half of what is missing is missing for the same persons every year.
            steady = self.stable(person, salt) < np.sqrt(share)
            kept: NDArray[np.bool_] = steady & (rng.random(len(person)) < np.sqrt(share))
            return kept

        names = self._names(rng, side, register, filled)
        birth = days(people.born[person])
        born_here = people.birthplace[person] >= 0
        home = self.territory.commune((people.new_position if after else people.position)[person])
        addresses = self._contacts(side, after=after)
        has_address = filled("adresse", 11)
        has_parent = filled("representant", 16)
        ine, owner = self._ine(rng, side, register, after=after)
        ine = self._once(ine, side, register)
        # The private import makes the sex compulsory.
        known_sex = (register == 1) | (rng.random(len(person)) > 0.002)
        columns: dict[str, Any] = {
            "source": self.schools.source.take(pa.array(side.school)),
            "uai": self.schools.uai.take(pa.array(side.school)),
            "identifiant_local": self._local(side, register, ine),
            "ine": ine,
            **names,
            "date_naissance": birth,
            "sexe": _pick(pa.array(["M", "F"]), people.girl[person].astype(int), known_sex),
            "commune_naissance": _pick(
                self.territory.insee, people.birthplace[person], filled("commune_naissance", 12)
            ),
            "pays_naissance": pc.if_else(
                pa.array(born_here),
                pa.scalar("100"),
                _pick(_COUNTRIES, people.country[person]),
            ),
            "commune_residence": _pick(self.territory.insee, home, filled("commune_residence", 13)),
            "code_postal": _pick(self.territory.postcode, home, has_address),
            "adresse": _where(has_address, addresses["adresse"]),
            "telephone": _where(filled("telephone", 14), addresses["telephone"]),
            "courriel": _where(filled("courriel", 15), addresses["courriel"]),
            "representant_nom": _where(has_parent, addresses["representant_nom"]),
            "representant_telephone": _where(
                has_parent & filled("representant_telephone", 17),
                addresses["representant_telephone"],
            ),
            "statut": pa.array(STATUSES).take(pa.array(side.status)),
            **self._course(rng, side),
            "date_entree": _where(register != 2, days(side.entered)),
            "date_sortie": days(side.left),
            "motif_sortie": _where(side.motive > 0, pa.array(MOTIVES).take(pa.array(side.motive))),
            "uai_precedent": _pick(self.schools.uai, side.previous, filled("uai_precedent", 18)),
            "diplome_obtenu": pa.nulls(len(person), pa.string()),
        }
        if after:
            self._corrupt(rng, columns)
        table = pa.table({name: columns[name] for name in PLAIN_COLUMNS}, schema=SCHEMA)
        return Rows(table, owner)

    def _names(
        self, rng: np.random.Generator, side: Enrolments, register: NDArray[Any], filled: Any
    ) -> dict[str, Any]:
        people, person = self.people, side.person
        first, last = first_names().vocabulary, surnames().vocabulary
        capitals = filled("capitals", 1)
        both = pa.chunked_array([first.text, first.capitals]).combine_chunks()
        shift = np.where(capitals, len(first), 0)

        def given(codes: NDArray[np.int32]) -> pa.Array:
            mine = codes[person]
            return _pick(both, np.where(mine < 0, -1, mine + shift))

        later = _paired(given(people.second), given(people.third), " ")
        has_later = (people.second[person] >= 0) | (people.third[person] >= 0)
        # Girls and boys with two family names write them with a hyphen, a few without.
        one = _pick(last.text, people.surname[person])
        two = _pick(last.text, people.surname_2[person])
        hyphen = self.stable(people.family[person], 2) < 0.8
        nom = pc.if_else(
            pa.array(hyphen),
            _paired(one, two, "-"),
            _paired(one, two, " "),
        )
        usage = _pick(last.text, people.usage[person], filled("nom_usage", 3))
        # The apprenticeship template asks for the usage name and has a single column.
        uses = (register == 3) & (people.usage[person] >= 0) & (rng.random(len(person)) < 0.6)
        nom = pc.if_else(pa.array(uses), _pick(last.text, people.usage[person]), nom)
        return {
            "nom_famille": nom,
            "nom_usage": usage,
            "prenom": given(people.first),
            "prenoms_suivants": _where(has_later & filled("prenoms_suivants", 4), later),
        }

    def _contacts(self, side: Enrolments, *, after: bool) -> dict[str, Any]:
        people, person = self.people, side.person
        family = people.family[person]
        moved = people.moved[person] & after
        home = family * 2 + moved
        number = (_hash(self.seed, home + people.offset * 4, 20) % 90 + 1).astype(np.int64)
        street = (_hash(self.seed, home + people.offset * 4, 21) % len(streets())).astype(np.int64)
        changes = (self.stable(person, 22) < self.p.new_phone) | (
            moved & (self.stable(family, 23) < 0.3)
        )
        own = person * 2 + (changes & after)
        parent = family * 2 + (moved & (self.stable(family, 24) < 0.25))
        family_line = self.stable(family, 25) < 0.30
        parents_phone = _phone(_hash(self.seed, parent + people.offset * 4, 26))
        phone = pc.if_else(
            pa.array(family_line),
            parents_phone,
            _phone(_hash(self.seed, own + people.offset * 4, 27)),
        )
        first, last = first_names().vocabulary, surnames().vocabulary
        mail = keys.joined(
            _pick(first.mail, people.first[person]),
            pa.scalar("."),
            _pick(last.mail, people.surname[person]),
            pc.cast(pa.array(_hash(self.seed, own + people.offset * 4, 28) % 100), pa.string()),
            pa.scalar("@courriel.example"),
        )
        # The mother or the father, who may bear another name.
        other = self.stable(family, 29) < 0.25
        spouse = _hash(self.seed, family + people.offset * 4, 30) % 20_000
        parent_name = _pick(
            last.text, np.where(other, spouse, people.surname[person]).astype(np.int64)
        )
        parent_first = _pick(
            first.text, _hash(self.seed, family + people.offset * 4, 31) % len(first)
        )
        return {
            "adresse": pc.binary_join_element_wise(
                pc.cast(pa.array(number), pa.string()), streets().take(pa.array(street)), " "
            ),
            "telephone": phone,
            "courriel": mail,
            "representant_nom": pc.binary_join_element_wise(parent_name, parent_first, " "),
            "representant_telephone": parents_phone,
        }

    def _course(self, rng: np.random.Generator, side: Enrolments) -> dict[str, Any]:
        codes = pa.array(side.level)
        # Classes of about twenty-six; apprentices' groups are numbered too.
        group = _hash(self.seed, side.school * 64 + side.level, 40) % 3 + 1
        rank = _hash(self.seed, side.person, 41) % (group + 3) + 1
        classe = keys.joined(
            pa.array([level.classe for level in levels.LEVELS]).take(codes),
            pa.scalar(" "),
            pc.cast(pa.array(rank), pa.string()),
        )
        return {
            "mef": pa.array([level.mef for level in levels.LEVELS]).take(codes),
            "formation": pa.array([level.formation for level in levels.LEVELS]).take(codes),
            "classe": classe,
        }

    def _local(self, side: Enrolments, register: NDArray[Any], ine: pa.Array) -> pa.Array:
        text = pc.cast(pa.array(side.local), pa.string())
        erp = keys.joined(pa.scalar("A"), pc.utf8_lpad(text, 6, "0"))
        internal = keys.joined(pa.scalar("INA"), pc.utf8_lpad(text, 6, "0"))
        # FREGATA's only key is the INE, or an internal number where there is none.
        agri = pc.coalesce(ine, internal)
        return pc.case_when(
            pc.make_struct(pa.array(register == 2), pa.array(register == 3)),
            agri,
            erp,
            text,
        )

    def _once(self, ine: pa.Array, side: Enrolments, register: NDArray[Any]) -> pa.Array:
        """Within one agricultural school the INE is the key of a row: it is there once."""
        rows = np.flatnonzero(register == 2)
        if not len(rows):
            return ine
        mine = ine.take(pa.array(rows)).to_pylist()
        seen: set[tuple[int, str]] = set()
        twice = []
        for row, school, value in zip(rows.tolist(), side.school[rows].tolist(), mine, strict=True):
            if value is not None:
                if (school, value) in seen:
                    twice.append(row)
                seen.add((school, value))
        return _replaced(ine, np.array(twice, np.int64), [None] * len(twice)) if twice else ine

    # --- INE -----------------------------------------------------------------------------------

    def _ine(
        self, rng: np.random.Generator, side: Enrolments, register: NDArray[Any], *, after: bool
    ) -> tuple[pa.Array, NDArray[np.int64]]:
        p, person = self.p, side.person
        base = 1 - np.array([r.ine for r in REGISTERS.values()])
        if after:
            missing = _calibrated(base, np.bincount(register, minlength=len(base)), p.without_ine)
        else:
            missing = base * p.without_ine_before
        absent = self.stable(person, 50) < missing[register]
        owner = np.where(absent, -1, person)
        wrong = np.zeros(0, np.int64)
        if after:
            draw = rng.random(len(person))
            wrong = np.flatnonzero(~absent & (draw < p.wrong_ine / max(1e-9, 1 - p.without_ine)))
            strangers = wrong[rng.random(len(wrong)) < p.stranger_ine]
            known = np.flatnonzero(self.people.level >= 0)
            victims = rng.choice(known, len(strangers))
            family = (rng.random(len(strangers)) < p.stranger_ine_family) & (
                self.people.twin[person[strangers]] >= 0
            )
            victims = np.where(family, self.people.twin[person[strangers]], victims)
            owner[strangers] = np.where(victims == person[strangers], owner[strangers], victims)
            wrong = np.setdiff1d(wrong, strangers)
        numbers = keys.ine_numbers(self.ine_ranks[np.maximum(owner, 0)], self.seed)
        national = keys.ine_rnie(numbers)
        two = self.stable(person, 51) < p.two_ine
        academic = keys.ine_bea(numbers)
        text = pc.if_else(
            pa.array(two & (register < 2)),
            pc.binary_join_element_wise(national, academic, "|"),
            pc.if_else(pa.array(two & (register == 3)), academic, national),
        )
        text = _where(owner >= 0, text)
        if len(wrong):
            text = self._mistype(rng, text, national, wrong, side)
            owner[wrong] = -1
        return text, owner

    def _mistype(
        self,
        rng: np.random.Generator,
        text: pa.Array,
        national: pa.Array,
        wrong: NDArray[np.int64],
        side: Enrolments,
    ) -> pa.Array:
        """Half mistyped, half another well-formed number that belongs to nobody else here."""
        python = random.Random(int(rng.integers(1 << 62)))  # noqa: S311
        fresh = keys.ine_rnie(
            keys.ine_numbers(500_000_000 + self.ine_ranks[side.person[wrong]], self.seed)
        ).to_pylist()
        old = national.take(pa.array(wrong)).to_pylist()
        new = [
            noise.wrong_ine(python, o) if python.random() < 0.6 else f
            for o, f in zip(old, fresh, strict=True)
        ]
        return _replaced(text, wrong, new)

    def _corrupt(self, rng: np.random.Generator, columns: dict[str, Any]) -> None:
        p = self.p
        count = len(columns["prenom"])
        rows = np.flatnonzero(rng.random(count) < p.corrupted)
        if not len(rows):
            return
        python = random.Random(int(rng.integers(1 << 62)))  # noqa: S311
        where = pa.array(rows)
        spare = surnames().vocabulary.text.take(pa.array(surnames().draw(rng, len(rows))))
        names = ("nom_famille", "nom_usage", "prenom", "prenoms_suivants", "date_naissance")
        old = [columns[n].take(where).to_pylist() for n in names]
        new: list[list[str | None]] = [[] for _ in names]
        for values in zip(*old, spare.to_pylist(), strict=True):
            row = noise.Identity(*values)
            noise.alter(python, row)
            if python.random() < p.corrupted_twice:
                noise.alter(python, row)
            for column, value in zip(
                new, (row.nom, row.usage, row.prenom, row.suivants, row.date), strict=True
            ):
                column.append(value)
        for name, values_of in zip(names, new, strict=True):
            columns[name] = _replaced(columns[name], rows, values_of)


def _where(keep: NDArray[np.bool_], values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(keep), values, pa.scalar(None, pa.string()))


def _paired(one: pa.Array, two: pa.Array, separator: str) -> pa.Array:
    """Both values joined, or the only one there is."""
    # null_handling="skip" drops the rows where both are null (pyarrow 26).
    return pc.coalesce(pc.binary_join_element_wise(one, two, separator), one, two)


def _phone(numbers: NDArray[np.int64]) -> pa.Array:
    """07 00 to 07 09: a range of machines, where no person has a ten-digit number."""
    return keys.joined(pa.scalar("070"), keys.padded(numbers % 10_000_000, 7))


def _replaced(column: pa.Array, rows: NDArray[np.int64], values: list[str | None]) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    mask = np.zeros(len(column), bool)
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array(values, pa.string()))


def _calibrated(
    base: NDArray[np.float64], counts: NDArray[np.int64], target: float
) -> NDArray[np.float64]:
    """The registers' own rates, their odds multiplied until the overall share is the target."""
    low, high = 0.0, 1e4
    rates = base
    for _ in range(60):
        scale = (low + high) / 2
        rates = base * scale / (1 - base + base * scale)
        if (rates * counts).sum() < target * counts.sum():
            low = scale
        else:
            high = scale
    return rates


__all__ = ["SCHEMA", "Kind", "Rows", "Writer", "days"]
