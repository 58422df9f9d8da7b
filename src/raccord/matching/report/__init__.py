"""The report of a comparison: one self-contained HTML page, or one page per school when large."""

from raccord.matching.report.build import MAX_PEOPLE_PER_PAGE, write_report

__all__ = ["MAX_PEOPLE_PER_PAGE", "write_report"]
