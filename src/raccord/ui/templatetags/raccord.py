"""Small words of every template: dates as people say them, numbers that dial, names in order."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from raccord.matching import wording
from raccord.ui import naming

register = template.Library()


@register.filter
def said_day(value: date | datetime | None) -> str:
    """`2026-11-01` -> `1er novembre 2026`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return wording.day(value)


@register.filter
def from_to(first: date, last: date) -> str:
    """`du 16 au 29 novembre 2026`: what both days share is said once."""
    start = wording.day(first)
    if (first.year, first.month) == (last.year, last.month):
        start = start.split()[0]
    elif first.year == last.year:
        start = start.rsplit(None, 1)[0]
    return f"du {start} au {wording.day(last)}"


@register.filter
def said_moment(value: datetime) -> str:
    """`2026-11-01 06:05` -> `1er novembre 2026 à 6 h 05`."""
    at = timezone.localtime(value)
    return f"{wording.day(at.date())} à {at.hour}\u00a0h\u00a0{at.minute:02}"


@register.filter
def dial(number: str) -> str:
    """What a telephone dials: figures, and the plus of a foreign number."""
    return "".join(c for c in number if c.isdigit() or c == "+")


@register.filter
def called(name: str, after: str = "") -> str:
    """`CIO de Nantes`, after « à » -> `au CIO de Nantes`."""
    return naming.called(name, after)


@register.filter
def typeset(text: str) -> str:
    """French spaces that never break."""
    return wording.typeset(text)


@register.filter
def born(sex: str) -> str:
    """« né », « née », or « né·e » when it is not known."""
    return {"F": "née", "M": "né"}.get(sex, "né(e)")


@register.filter
def years(age: int | None) -> str:
    """`17` -> `17 ans`."""
    return "âge inconnu" if age is None else wording.count(age, "an")


@register.filter
def ended(sentence: str) -> str:
    """With a full stop, and only one: « le 3 nov. » has its own."""
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."


@register.filter
def phone_number(written: str) -> str:
    """A French number by pairs, as people read it aloud; any other as it was written."""
    digits = "".join(c for c in written if c.isdigit())
    if len(digits) != 10 or not digits.startswith("0"):
        return written
    return "\u00a0".join(digits[i : i + 2] for i in range(0, 10, 2))
