"""Technical logs name nobody."""

import logging
import traceback
from types import TracebackType

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutValues(logging.Formatter):
    """An exception is told by its type and where it was raised: its message may quote a row
    (« Key (email)=(...) already exists »), hence somebody."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name of logging
        kind, _, where = ei
        if kind is None:
            return ""
        frames = (f"  {f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(where))
        return "\n".join([*frames, kind.__name__])
