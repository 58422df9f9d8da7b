"""Why a write was refused, in words for the person who asked."""

from django.http import Http404


class Refused(ValueError):
    """A sentence, and the field it belongs to (empty: the whole form)."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NotYours(Http404):
    """What is not yours answers like what does not exist."""
