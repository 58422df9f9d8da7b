"""A second population, written apart from `raccord.simulation`, so that no rule fits one noise.

Nothing is shared with the bundled simulator: other names (roots and endings by region of origin,
log-normal frequencies instead of Zipf's), other mistakes (neighbour keys, letters that sound alike,
characters that look alike, fields left blank at random, initials, names cut by a column's width),
other moves. No address, no phone, no representative: only names, birth, sex, commune of birth, INE
and the establishment of this year and last.

    python -m benchmarks.independent --pupils 1000000 --seed 3 --out DIR [--harder]

writes DIR/before, DIR/after (Parquet, plain columns), DIR/truth.parquet, DIR/truth_after.parquet
and DIR/simulation.json, laid out as the simulator's. Rates: 8 % gone, 6 % without INE, 1.5 % wrong
INE of which 30 % another pupil's, 4 % altered identities; harder 20 % and 13 %.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from benchmarks.independent_mistakes import Names, spoil

AS_OF = "2026-10-15"
BLOCK = 250_000
COLUMNS = (
    "source", "uai", "identifiant_local", "ine", "nom_famille", "prenom", "prenoms_suivants",
    "date_naissance", "sexe", "commune_naissance", "uai_precedent",
)  # fmt: skip
FLAGS = (
    "twin_left_alone", "close_twin", "stranger_ine", "wears_stranger_ine", "duplicate_before",
)  # fmt: skip
KEY = ("source", "uai", "identifiant_local")

# --- names ----------------------------------------------------------------------------------------

_ROOTS = {
    "west": (
        "KER LAN TRE PLOU GWEN MOR BRI COAT PEN ROS TAL HEN CAD RIV GUI LE_G LE_M LE_B".split(),
        "AN EL EC IC OU EG AL UR AC IN OS".split(),
        "GOAT LEC VEL NEC RIOU DREN BIHAN MEUR GUEN DRO ZEL HIR BER LOCH DUC REN".split(),
    ),
    "oil": (
        "BOIS CHA MONT FON GRAND PETIT BEAU VILLE CHAM LAM ROU MAR GAL POI DUR BLAN".split(),
        "E I O OU AI A EN ON".split(),
        "RON TEL CHET LARD VEAU REAU GNEAU DEAU SSON TTE NIER LLET DIER COT RIN VAIN".split(),
    ),
    "oc": (
        "CAS PUY SAL VI ROQUE CAP FAB PEY MAS GAR LAC BON ESC ALB TOUR".split(),
        "A E I O AU ES".split(),
        "GNAC LLAC ZENAVE DES RAC BERE LHON MEDE RES GUE NOL SSAC TGES".split(),
    ),
    "east": (
        "SCH HOF BERG WEI STEIN KLE MUL WAG HERZ BAU ROT LANG KOH".split(),
        "E I A O EI AU".split(),
        "MANN LER NER BACH TZ RICH GER FELD STETT HART LIN".split(),
    ),
    "south": (
        "BEN BOU EL_ HAM SAL MEZ KHA RAH ABD CHE ZE DJE LAH".split(),
        "A I OU E".split(),
        "LLAL RIFI DDINE MANI ZIANE SSAOUI KRIM BBAR FFAR NANE HRI".split(),
    ),
    "far": (
        "DIA TRAO KOU SI BA NGU CAMA DOS_ FER PIN OLI KOW WIS NO".split(),
        "A O E I OU".split(),
        "BATE RE LIBALY DIBE SSA YEN RA REIRA VEIRA LSKI WAK MBA".split(),
    ),
}
_SHARES = {"west": 0.16, "oil": 0.38, "oc": 0.16, "east": 0.08, "south": 0.12, "far": 0.10}
_GIRLS = (
    "Mar Jul Cl Ad Él Lor Val Cam Mé Sol Ann Cor Am Aur Fl Sab Ém Lis Isa Vir Mad Or Cél Ros Jos "
    "Gen Nad Sam Yas Kar Ay Fat Lei Ing Ast"
).split()
_GIRL_ENDINGS = "ie ine a elle ianne ette ise ène ia ane ille ie-Lou éa ana ée issa ora".split()
_BOYS = (
    "Mar Jul Cl Ad Él Lor Val Cam Mé Aur Fl Ém Bast Fab Séb Nic Théo Gaët Cyr Dam Mat Raph Gabr "
    "Sim Mo Yan Kar Am Ibr Sof Tho Bap Quent Rom Al"
).split()
_BOY_ENDINGS = "ien in on ic is o el an tin rian ime ard aud ick io im as-Paul us".split()


def surnames() -> list[str]:
    """About 60,000 surnames; always the same list."""
    rng = random.Random(77)
    found: dict[str, None] = {}
    while len(found) < 60_000:
        region = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
        heads, middles, tails = _ROOTS[region]
        name = rng.choice(heads) + rng.choice(middles)
        for _ in range(rng.choice((0, 1, 1, 2))):
            name += rng.choice("RLNTSMDVC") + rng.choice(middles)
        name += rng.choice(tails)
        if rng.random() < 0.03:
            name = f"{rng.choice(('DE ', 'DU ', 'LA ', 'VAN '))}{name}"
        found[name.replace("_", " ").replace("  ", " ").strip()] = None
    return list(found)


def first_names(stems: list[str], endings: list[str]) -> list[str]:
    """Every stem with every ending, in a fixed random order."""
    names = sorted({stem + ending for stem in stems for ending in endings})
    random.Random(78).shuffle(names)
    return names[:520]


class Drawn:
    """Names with log-normal frequencies."""

    def __init__(self, names: list[str], sigma: float, seed: int) -> None:
        self.names = names
        self.text = pa.array(names)
        weights = np.random.default_rng(seed).lognormal(0, sigma, len(names))
        self.cumulated = np.cumsum(weights) / weights.sum()

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        found = np.searchsorted(self.cumulated, rng.random(count))
        return np.minimum(found, len(self.names) - 1)


# --- keys -----------------------------------------------------------------------------------------

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_COMPLEMENT = ["".join("ABCDEFGHJK"[int(c)] for c in f"{97 - r:02d}") for r in range(97)]


def ine(ranks: np.ndarray, seed: int) -> pa.Array:
    """Fictional national INE with a valid key, distinct for ranks below 10^9."""
    number = (ranks.astype(np.int64) * 387_420_489 + seed * 15_485_863 + 7) % 1_000_000_000
    digits = pc.utf8_lpad(pc.cast(pa.array(number), pa.string()), 9, "0")
    return pc.binary_join_element_wise(
        digits, pa.array(_COMPLEMENT).take(pa.array(number % 97)), ""
    )


def uai(number: int) -> str:
    """Fictional establishment: numbers from 8000 in départements 001 to 095."""
    digits = f"{number % 95 + 1:03d}{8000 + number // 95:04d}"
    return digits + _LETTERS[int(digits) % 23]


# --- the population -------------------------------------------------------------------------------


def _strings(values: pa.Array, rows: np.ndarray, new: list[str | None]) -> pa.Array:
    mask = np.zeros(len(values), bool)
    mask[rows] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array(new, pa.string()))


def _blank(rng: np.random.Generator, values: pa.Array, share: float) -> pa.Array:
    return pc.if_else(
        pa.array(rng.random(len(values)) < share), pa.scalar(None, pa.string()), values
    )


def _ranks(groups: np.ndarray) -> np.ndarray:
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1) != 0)
    out = np.empty(len(groups), np.int64)
    out[order] = np.arange(len(groups)) - np.repeat(starts, np.diff([*starts, len(groups)]))
    return out


class Country:
    """Names drawn once, blocks of people drawn one after the other."""

    def __init__(self, seed: int, harder: bool) -> None:
        self.seed = seed
        self.without_ine, self.altered = (0.20, 0.13) if harder else (0.06, 0.04)
        self.surnames = Drawn(surnames(), 1.6, 1)
        self.girls = Drawn(first_names(_GIRLS, _GIRL_ENDINGS), 1.2, 2)
        self.boys = Drawn(first_names(_BOYS, _BOY_ENDINGS), 1.2, 3)

    def given(self, rng: np.random.Generator, girl: np.ndarray) -> tuple[pa.Array, np.ndarray]:
        """First names and their code (girls' then boys')."""
        code = np.where(
            girl,
            self.girls.draw(rng, len(girl)),
            self.boys.draw(rng, len(girl)) + len(self.girls.names),
        )
        return pa.array(self.girls.names + self.boys.names).take(pa.array(code)), code

    def block(self, number: int, pupils: int, offset: int) -> dict[str, pa.Table]:
        rng = np.random.default_rng([self.seed, number, 9])
        total = round(pupils * 1.08)
        entrant = rng.random(total) < 0.08 / 1.08
        # Families: one child in three has a brother or sister among the pupils.
        sibling = rng.random(total) < 0.20
        sibling[0] = False
        family = np.cumsum(~sibling) - 1
        pairs = np.flatnonzero(sibling & (rng.random(total) < 0.015 / 0.20))
        pairs = pairs[family[pairs - 1] == family[pairs]]
        pairs = pairs[np.diff(pairs, prepend=-9) > 1]
        twin = np.full(total, -1)
        twin[pairs], twin[pairs - 1] = pairs - 1, pairs
        entrant[pairs] = entrant[pairs - 1]

        girl = rng.random(total) < 0.5
        girl[pairs] = np.where(rng.random(len(pairs)) < 0.66, girl[pairs - 1], girl[pairs])
        prenom, code = self.given(rng, girl)
        for _ in range(30):
            same = pairs[code[pairs] == code[pairs - 1]]
            if not len(same):
                break
            texts, codes = self.given(rng, girl[same])
            code[same] = codes
            prenom = _strings(prenom, same, texts.to_pylist())
        # One pair in forty has names one letter apart.
        close = pairs[rng.random(len(pairs)) < 0.025]
        alike = [
            f"{name[:-1]}{'a' if name[-1] != 'a' else 'o'}"
            for name in prenom.take(pa.array(close - 1)).to_pylist()
        ]
        prenom = _strings(prenom, close, alike)
        is_close = np.zeros(total, bool)
        is_close[close] = is_close[close - 1] = True

        names = self.surnames.draw(rng, int(family[-1]) + 1)[family]
        nom = self.surnames.text.take(pa.array(names))
        start = np.datetime64("2004-01-01").astype(int)
        born = start + rng.integers(0, 4_200, total)
        born[pairs] = born[pairs - 1]
        seconds, _ = self.given(rng, girl)
        seconds = _blank(rng, seconds, 0.25)
        place = (rng.pareto(0.9, total) * 3).astype(np.int64) % 300 + 1
        place = np.where(rng.random(total) < 0.6, (family * 7 % 40) + 1, place)
        place[pairs] = place[pairs - 1]
        commune = pc.binary_join_element_wise(
            pc.utf8_lpad(
                pc.cast(pa.array((number * 11 + family % 4) % 95 + 1), pa.string()), 2, "0"
            ),
            pc.utf8_lpad(pc.cast(pa.array(place), pa.string()), 3, "0"),
            "",
        )
        commune = _blank(rng, commune, 0.06)

        schools = max(4, pupils // 450)
        base = number * (BLOCK // 450 + 1)
        now = rng.integers(0, schools, total)
        now[pairs] = np.where(rng.random(len(pairs)) < 0.9, now[pairs - 1], now[pairs])
        moves = rng.random(total) < 0.28
        later = np.where(moves, (now + rng.integers(1, min(30, schools), total)) % schools, now)
        later[pairs] = np.where(moves[pairs] & moves[pairs - 1], later[pairs - 1], later[pairs])

        gone = ~entrant & (rng.random(total) < 0.08)
        people = {
            "nom_famille": nom,
            "prenom": prenom,
            "prenoms_suivants": seconds,
            "date_naissance": pa.array(np.datetime_as_string(born.astype("M8[D]")).tolist()),
            "sexe": pa.array(["M", "F"]).take(pa.array(girl.astype(int))),
            "commune_naissance": commune,
        }
        labels = pa.array([uai(base + s) for s in range(schools)])

        def side(rows: np.ndarray, school: np.ndarray, prefix: str) -> dict[str, pa.Array]:
            local = pc.cast(pa.array(_ranks(school[rows]) + 1), pa.string())
            return {
                "source": pa.array(["registre"] * len(rows)),
                "uai": labels.take(pa.array(school[rows])),
                "identifiant_local": pc.binary_join_element_wise(prefix, local, ""),
                **{name: column.take(pa.array(rows)) for name, column in people.items()},
            }

        first = np.flatnonzero(~entrant)
        again = first[rng.random(len(first)) < 0.004]
        second_school = (now + 1) % schools
        rows_before = np.concatenate([first, again])
        school_before = np.concatenate([now[first], second_school[again]])
        before = side(rows_before, now, "b")
        before["uai"] = labels.take(pa.array(school_before))
        before["identifiant_local"] = pc.binary_join_element_wise(
            "b", pc.cast(pa.array(_ranks(school_before) + 1), pa.string()), ""
        )
        before["ine"] = _blank(rng, ine(offset + rows_before, self.seed), 0.003)
        before["uai_precedent"] = pa.nulls(len(rows_before), pa.string())

        rows_after = np.flatnonzero(~gone)
        after = side(rows_after, later, "a")
        owner = np.where(rng.random(len(rows_after)) < self.without_ine, -1, rows_after)
        wrong = np.flatnonzero(
            (owner >= 0) & (rng.random(len(owner)) < 0.015 / (1 - self.without_ine))
        )
        worn = wrong[rng.random(len(wrong)) < 0.30]
        owner[worn] = rng.choice(first, len(worn))
        texts = ine(offset + np.maximum(owner, 0), self.seed)
        texts = pc.if_else(pa.array(owner >= 0), texts, pa.scalar(None, pa.string()))
        bad = np.setdiff1d(wrong, worn)
        python = random.Random(int(rng.integers(1 << 60)))
        others = ine(700_000_000 + offset + rows_after[bad], self.seed).to_pylist()
        mine = texts.take(pa.array(bad)).to_pylist()
        texts = _strings(
            texts, bad, [self._bad(python, a, b) for a, b in zip(mine, others, strict=True)]
        )
        owner[bad] = -1
        after["ine"] = texts
        known = ~entrant[rows_after]
        came = np.where(known, now[rows_after], 0)
        came = np.where(rng.random(len(came)) < 0.02, rng.integers(0, schools, len(came)), came)
        after["uai_precedent"] = pc.if_else(
            pa.array(known & (rng.random(len(came)) < 0.85)),
            labels.take(pa.array(came)),
            pa.scalar(None, pa.string()),
        )
        self._spoil(rng, python, after)
        for name, share in (
            ("sexe", 0.03),
            ("commune_naissance", 0.10),
            ("prenoms_suivants", 0.35),
        ):
            after[name] = _blank(rng, after[name], share)

        where = np.full(total, -1)
        where[rows_after] = np.arange(len(rows_after))
        facts = self._truth(
            offset,
            rows_before,
            where,
            twin,
            is_close,
            owner,
            rows_after,
            before,
            after,
        )
        return {
            "before": pa.table({c: before[c] for c in COLUMNS}).take(
                pa.array(rng.permutation(len(rows_before)))
            ),
            "after": pa.table({c: after[c] for c in COLUMNS}).take(
                pa.array(rng.permutation(len(rows_after)))
            ),
            **facts,
        }

    @staticmethod
    def _bad(rng: random.Random, text: str, other: str) -> str:
        which = rng.random()
        if which < 0.4:
            return other
        i = rng.randrange(9)
        if which < 0.7:
            return text[:i] + str((int(text[i]) + rng.choice((1, 3, 6))) % 10) + text[i + 1 :]
        return (
            text[:i] + text[i + 1 :]
            if which < 0.8
            else text[:i] + text[i : i + 2][::-1] + text[i + 2 :]
        )

    def _spoil(
        self, rng: np.random.Generator, python: random.Random, after: dict[str, pa.Array]
    ) -> None:
        rows = np.flatnonzero(rng.random(len(after["prenom"])) < self.altered)
        fields = ("nom_famille", "prenom", "prenoms_suivants", "date_naissance")
        old = [after[f].take(pa.array(rows)).to_pylist() for f in fields]
        spare = self.surnames.text.take(pa.array(self.surnames.draw(rng, len(rows)))).to_pylist()
        new: dict[str, list[str | None]] = {f: [] for f in fields}
        for *values, other in zip(*old, spare, strict=True):
            row: Names = dict(zip(fields, values, strict=True)) | {"spare": other}
            spoil(python, row)
            for f in fields:
                new[f].append(row[f])
        for f in fields:
            after[f] = _strings(after[f], rows, new[f])

    @staticmethod
    def _truth(
        offset: int,
        rows_before: np.ndarray,
        where: np.ndarray,
        twin: np.ndarray,
        is_close: np.ndarray,
        owner: np.ndarray,
        rows_after: np.ndarray,
        before: dict[str, pa.Array],
        after: dict[str, pa.Array],
    ) -> dict[str, pa.Table]:
        enrolled = where[rows_before] >= 0
        found = pa.array(where[rows_before], mask=~enrolled)
        mate = twin[rows_before]
        alone = ~enrolled & (mate >= 0) & (where[np.maximum(mate, 0)] >= 0)
        borrowed = (owner >= 0) & (owner != rows_after)
        worn = np.isin(rows_before, owner[borrowed])
        wears = np.isin(rows_before, rows_after[borrowed])
        twice = np.bincount(rows_before, minlength=len(where))[rows_before] > 1
        truth = {k: before[k] for k in KEY}
        truth |= {
            "young_person": pa.array(offset + rows_before),
            "truth": pa.array(["gone", "enrolled"]).take(pa.array(enrolled.astype(int))),
            **{f"after_{k}": after[k].take(found) for k in KEY},
            **dict(
                zip(
                    FLAGS,
                    map(pa.array, (alone, alone & is_close[rows_before], worn, wears, twice)),
                    strict=True,
                )
            ),
        }
        now = {k: after[k] for k in KEY} | {"young_person": pa.array(offset + rows_after)}
        now["active"] = pa.array(np.ones(len(rows_after), bool))
        return {"truth": pa.table(truth), "truth_after": pa.table(now)}


def generate(pupils: int, seed: int, out: Path, *, harder: bool = False) -> dict[str, int]:
    """Write the population into `out`; the same arguments write the same bytes."""
    country = Country(seed, harder)
    for side in ("before", "after"):
        (out / side).mkdir(parents=True, exist_ok=True)
        for old in (out / side).glob("*.parquet"):
            old.unlink()
    count = max(1, round(pupils / BLOCK))
    writers: dict[str, pq.ParquetWriter] = {}
    counts = dict.fromkeys(("before", "after", "gone", *FLAGS), 0)
    offset = 0
    for number in range(count):
        tables = country.block(number, pupils // count, offset)
        offset += round(pupils // count * 1.08)
        for side in ("before", "after"):
            counts[side] += len(tables[side])
            pq.write_table(
                tables[side], out / side / f"bloc-{number:03d}.parquet", row_group_size=120_000
            )
        counts["gone"] += int((np.asarray(tables["truth"]["truth"]) == "gone").sum())
        for flag in FLAGS:
            counts[flag] += int(np.asarray(tables["truth"][flag]).sum())
        for name in ("truth", "truth_after"):
            if name not in writers:
                writers[name] = pq.ParquetWriter(out / f"{name}.parquet", tables[name].schema)
            writers[name].write_table(tables[name])
    for writer in writers.values():
        writer.close()
    description = {
        "pupils": pupils, "seed": seed, "harder": harder, "as_of": AS_OF, "counts": counts,
        "command": "raccord compare --before before --after after --out resultat "
        f"--as-of {AS_OF} --all-ages",
    }  # fmt: skip
    (out / "simulation.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    return counts


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pupils", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--harder", action="store_true")
    asked = parser.parse_args()
    print(generate(asked.pupils, asked.seed, asked.out, harder=asked.harder))


if __name__ == "__main__":
    main()
