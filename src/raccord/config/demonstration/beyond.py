"""Chapter of the file that somebody opened beyond their own scope, and said why."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from raccord.config.demonstration.story import Story


def a_file_is_opened_in_emergency(story: "Story") -> None:
    """Three hours, a reason, and the DPO is told."""
