"""How an SMS or an e-mail leaves. A territory chooses in RACCORD_SMS and RACCORD_FAMILY_EMAIL:

- `files`: each message is a file of RACCORD_HOME/messages (the demonstration);
- `smtp`: e-mails through EMAIL_HOST;
- `off`: nothing leaves (the default for SMS: no provider is chosen for anybody);
- a dotted path to a class with the `send` of `Adapter`, given the address and the text: the
  provider of the territory, under its own contract (docs/juridique/sous-traitance.md). It must
  raise `NotSent` when the message did not leave, and keep nothing of what it sent.
"""

import os
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.module_loading import import_string

from raccord.followup.letters.vocabulary import Medium


class NotSent(Exception):
    """It did not leave; the worker tries again."""


class Adapter(Protocol):
    """What sends one message."""

    def send(self, *, key: str, to: str, subject: str, body: str) -> None:
        """Send it, or raise `NotSent`. `key` is the same at every try of one message."""


class Files:
    """One file a message, readable by its owner only; the demonstration sends nothing."""

    def __init__(self, folder: Path | None = None, suffix: str = "txt") -> None:
        self.folder = folder or settings.HOME / "messages"
        self.suffix = suffix

    def send(self, *, key: str, to: str, subject: str, body: str) -> None:
        """Write it, whole or not at all; the name of the file names nobody."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"{timezone.localdate():%Y-%m-%d}-{key}.{self.suffix}"
        lines = [f"À : {to}", *([f"Objet : {subject}"] if subject else []), "", body, ""]
        partial = path.with_suffix(".partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        partial.replace(path)


class Smtp:
    """Plain text, no picture that would tell when it was opened."""

    def send(self, *, key: str, to: str, subject: str, body: str) -> None:
        """Through the mail settings of the service."""
        message = EmailMessage(subject, body, None, [to])
        message.extra_headers["Message-ID"] = f"<{key}@raccord>"
        message.extra_headers["Auto-Submitted"] = "auto-generated"
        try:
            message.send()
        except OSError as error:
            raise NotSent(type(error).__name__) from error


def adapter_for(medium: str) -> Adapter | None:
    """The adapter in force; None when nothing leaves that way."""
    default = "files" if settings.DEMO else "off"
    if medium == Medium.EMAIL:
        default = "files" if settings.DEMO else "smtp" if settings.EMAIL_HOST else "off"
        chosen = settings.FAMILY_EMAIL_ADAPTER or default
    else:
        chosen = settings.SMS_ADAPTER or default
    if chosen == "off":
        return None
    if chosen == "files":
        return Files(suffix="eml.txt" if medium == Medium.EMAIL else "sms.txt")
    if chosen == "smtp":
        return Smtp()
    made: Any = import_string(chosen)()
    return made  # type: ignore[no-any-return]
