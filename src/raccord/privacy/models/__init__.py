"""The log of readings, and what a partner must have before anything leaves for it."""

from raccord.privacy.models.partners import Agreement, Designation
from raccord.privacy.models.readings import Act, LogCheckpoint, Reading

__all__ = ["Act", "Agreement", "Designation", "LogCheckpoint", "Reading"]
