"""« C’est lui », « ce n’est pas lui » : what humans say of pairs binds every following night.

They say it on the sheet of a case (`followup.services`); here it is learnt, kept when the case is
gone, and counted: only schools know the truth.
"""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from raccord.detection.models import HumanVerdict
from raccord.followup.identifiers import new_id
from raccord.territory.models import Academie

_PAIRS = """SELECT d.source, s.uai, d.local_id, k.source AS other_source, k.uai AS other_uai,
        k.local_id AS other_local_id, k.case_id, k.probability, bool_or(k.said = 'same') AS same
    FROM followup_candidate said
    JOIN followup_candidate k ON k.case_id = said.case_id AND k.said = said.said
        AND (k.source, k.uai, k.local_id) = (said.source, said.uai, said.local_id)
    JOIN followup_case c ON c.id = k.case_id AND c.academie_id = %(academie)s
    -- said of one enrolment, it holds for every enrolment of the same young person
    JOIN followup_departure d ON d.case_id = k.case_id AND d.local_id <> ''
    JOIN territory_structure s ON s.id = d.structure_id AND s.uai IS NOT NULL
    WHERE said.said <> '' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"""
_SAME_PAIR = """(v.source, v.uai, v.local_id, v.other_source, v.other_uai, v.other_local_id)
    = (p.source, p.uai, p.local_id, p.other_source, p.other_uai, p.other_local_id)"""


def learn(academie: Academie) -> int:
    """Take over what was said on candidates since the last night; what was taken back is withdrawn.

    Returns how many verdicts are new.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        now = timezone.now()
        values = {"academie": academie.pk, "now": now.isoformat()}
        cursor.execute(
            f"""UPDATE detection_humanverdict v SET withdrawn_at = %(now)s
            FROM followup_candidate k JOIN followup_departure d ON d.case_id = k.case_id
            JOIN territory_structure s ON s.id = d.structure_id
            WHERE v.academie_id = %(academie)s AND v.withdrawn_at IS NULL AND v.case_id = k.case_id
                AND (v.source, v.uai, v.local_id) = (d.source, s.uai, d.local_id)
                AND (v.other_source, v.other_uai, v.other_local_id)
                    = (k.source, k.uai, k.local_id)
                AND k.said <> CASE WHEN v.same THEN 'same' ELSE 'other' END
                AND NOT EXISTS (SELECT FROM ({_PAIRS}) p WHERE {_SAME_PAIR} AND p.same = v.same)""",
            values,
        )
        cursor.execute(
            f"""SELECT p.*, e.user_id, coalesce(e.author, '') FROM ({_PAIRS}) p
            LEFT JOIN LATERAL (SELECT user_id, author FROM followup_timelineevent t
                WHERE t.case_id = p.case_id AND t.kind
                    = CASE WHEN p.same THEN 'same_person' ELSE 'other_person' END
                ORDER BY t.at DESC, t.id DESC LIMIT 1) e ON true
            WHERE NOT EXISTS (SELECT FROM detection_humanverdict v WHERE {_SAME_PAIR}
                AND v.same = p.same AND v.withdrawn_at IS NULL)""",
            values,
        )
        made = [
            HumanVerdict(
                id=new_id(),
                academie=academie,
                source=row[0],
                uai=row[1],
                local_id=row[2],
                other_source=row[3],
                other_uai=row[4],
                other_local_id=row[5],
                case_id=row[6],
                probability=row[7],
                same=row[8],
                by_id=row[9],
                author=row[10],
                at=now,
            )
            for row in cursor.fetchall()
        ]
        HumanVerdict.objects.bulk_create(made)
    return len(made)


def declared(academie: Academie) -> list[tuple[str, str, str]]:
    """(source, UAI, local number) of enrolments that their own school says nobody comes from any
    more: such a register proves nothing, another one may."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT d.source, s.uai, d.local_id FROM followup_departure d
            JOIN followup_case c ON c.id = d.case_id AND c.status <> 'closed'
            JOIN territory_structure s ON s.id = d.structure_id AND s.uai IS NOT NULL
            WHERE c.academie_id = %s AND d.origin <> 'register' AND d.local_id <> ''
            ORDER BY 1, 2, 3""",
            [academie.pk],
        )
        return list(cursor.fetchall())


def decisions(academie: Academie) -> list[tuple[str, ...]]:
    """The last word on each pair, in the order of the columns of the decisions file; who is
    declared gone is not to be found in the register they are declared gone from."""
    said = (
        HumanVerdict.objects.filter(academie=academie, withdrawn_at=None)
        .order_by("at", "id")
        .values_list(
            "source", "uai", "local_id", "other_source", "other_uai", "other_local_id", "same"
        )
    )
    gone = [(*one, *one, "parti") for one in declared(academie)]
    return [*gone, *((*row[:6], "oui" if row[6] else "non") for row in said)]


@dataclass(frozen=True)
class FieldPrecision:
    """What the field says of the comparison, over the candidates that humans judged."""

    same: int
    other: int
    sure_and_wrong: int

    @property
    def precision(self) -> float | None:
        """Share of « c’est lui » among the pairs judged."""
        total = self.same + self.other
        return self.same / total if total else None


def field_precision(academie: Academie) -> FieldPrecision:
    """Pairs judged by humans; `sure_and_wrong` are those the comparison held for certain."""
    counted = HumanVerdict.objects.filter(academie=academie, withdrawn_at=None).aggregate(
        yes=Count("id", filter=Q(same=True)),
        no=Count("id", filter=Q(same=False)),
        wrong=Count("id", filter=Q(same=False, probability__gte=0.97)),
    )
    return FieldPrecision(counted["yes"], counted["no"], counted["wrong"])
