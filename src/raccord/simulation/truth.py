"""The truth beside the registers: where each young person enrolled before really is."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from raccord.simulation.columns import Rows
from raccord.simulation.enrolments import Enrolments
from raccord.simulation.population import FATES, Population

_KEY = ("source", "uai", "identifiant_local")

TRUTH_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _KEY),
        ("young_person", pa.int64()),
        ("truth", pa.string()),  # "enrolled" somewhere after, or "gone"
        *((f"after_{name}", pa.string()) for name in _KEY),
        ("devenir", pa.string()),
        ("age", pa.int16()),
        ("flagged", pa.bool_()),
        ("graduated", pa.bool_()),
        ("twin_left_alone", pa.bool_()),
        ("close_twin", pa.bool_()),
        ("stranger_ine", pa.bool_()),
        ("wears_stranger_ine", pa.bool_()),
        ("duplicate_before", pa.bool_()),
        ("moved", pa.bool_()),
    ]
)
TRUTH_AFTER_SCHEMA = pa.schema(
    [*((name, pa.string()) for name in _KEY), ("young_person", pa.int64()), ("active", pa.bool_())]
)


@dataclass
class Truth:
    """`before`: one row per enrolment of before; `after`: one per enrolment of after."""

    before: pa.Table
    after: pa.Table


def build(
    people: Population, before: Enrolments, after: Enrolments, rows_before: Rows, rows_after: Rows
) -> Truth:
    """The truth of one territory."""
    present, where = _first_active(people, after)
    person = before.person
    enrolled = present[person]
    found = pa.array(where[person], mask=~enrolled)
    twin = people.twin[person]
    left_alone = ~enrolled & (twin >= 0) & present[np.maximum(twin, 0)]
    worn = np.zeros(len(people), bool)
    wears = np.zeros(len(people), bool)
    borrowed = (rows_after.ine_owner >= 0) & (rows_after.ine_owner != after.person)
    worn[rows_after.ine_owner[borrowed]] = True
    wears[after.person[borrowed]] = True
    count = np.bincount(person, minlength=len(people))
    data = {name: rows_before.table[name] for name in _KEY}
    data |= {
        "young_person": pa.array(people.offset + person),
        "truth": pa.array(["gone", "enrolled"]).take(pa.array(enrolled.astype(np.int8))),
        **{f"after_{name}": rows_after.table[name].take(found) for name in _KEY},
        "devenir": pa.array(FATES).take(pa.array(people.fate[person])),
        "age": pa.array(people.age[person]),
        "flagged": pa.array(people.flagged[person]),
        "graduated": pa.array(people.graduated[person]),
        "twin_left_alone": pa.array(left_alone),
        "close_twin": pa.array(left_alone & people.close_twin[person]),
        "stranger_ine": pa.array(worn[person]),
        "wears_stranger_ine": pa.array(wears[person]),
        "duplicate_before": pa.array(count[person] > 1),
        "moved": pa.array(people.moved[person]),
    }
    now = {name: rows_after.table[name] for name in _KEY}
    now |= {
        "young_person": pa.array(people.offset + after.person),
        "active": pa.array(after.active),
    }
    return Truth(pa.table(data, schema=TRUTH_SCHEMA), pa.table(now, schema=TRUTH_AFTER_SCHEMA))


def _first_active(
    people: Population, after: Enrolments
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    where = np.full(len(people), -1, np.int64)
    # Written from the second enrolments to the first: the first one wins.
    order = np.argsort(~after.twice, kind="stable")
    order = order[after.active[order]]
    where[after.person[order]] = order
    return where >= 0, where
