"""What is wrong with a register, said in French to the person who can correct it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    REJECTED = "rejected"  # the row cannot be used
    WARNING = "warning"  # the row is used, one of its values is doubtful
    NOTICE = "notice"  # about the file, not about one row


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct.

    `identity` names the row for a human (local number, family name, first name), `line` is the
    line or rank in the file. `value` is never a forbidden datum: a reader that meets a NIR in a
    field passes value="" (law: décret-cadre NIR 2019-341, only listed uses).
    """

    rule: str
    severity: Severity
    message: str
    line: int | None = None
    identity: str = ""
    field: str = ""
    value: str = ""


class ProblemLog:
    """Counts every problem, keeps the first examples of each rule: memory stays bounded."""

    def __init__(self, examples_per_rule: int = 500) -> None:
        self.counts: Counter[tuple[str, Severity]] = Counter()
        self._examples: defaultdict[str, list[Problem]] = defaultdict(list)
        self._examples_per_rule = examples_per_rule

    def add(self, problem: Problem, times: int = 1) -> None:
        self.counts[problem.rule, problem.severity] += times
        examples = self._examples[problem.rule]
        if len(examples) < self._examples_per_rule:
            examples.append(problem)

    def examples(self, rule: str | None = None) -> Iterator[Problem]:
        for name, problems in self._examples.items():
            if rule is None or name == rule:
                yield from problems

    def count(self, severity: Severity) -> int:
        return sum(n for (_, level), n in self.counts.items() if level is severity)


class RefusedFile(Exception):
    """A whole file that cannot be used: nothing of it is kept.

    The text is one line, in French, that names the file, the line if known, the reason and what
    to do.
    """

    def __init__(self, path: Path | str, reason: str, line: int | None = None) -> None:
        self.path = Path(path)
        self.reason = reason
        self.line = line
        where = f", ligne {line}" if line else ""
        super().__init__(f"{self.path.name}{where} : {reason}")
