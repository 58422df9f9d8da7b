"""Readers of the real directories of structures: whatever the file, the same plain rows.

`read_directory(path)` recognises the format from the content, never from the name of the file. It
writes nothing: the rows go to the services of this room, the problems to the person who imports.
"""

from raccord.territory.directories.reading import FORMATS, read_directory
from raccord.territory.directories.rows import Accuracy, Reading, StructureRow

__all__ = ["FORMATS", "Accuracy", "Reading", "StructureRow", "read_directory"]
