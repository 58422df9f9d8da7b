"""The fields of a text, and how they are replaced: by a closed list, never by formatting."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError

from raccord.followup.forbidden_matters import validate_note
from raccord.followup.letters.vocabulary import Medium, Purpose

#: Field -> what it becomes, in words for the person who writes a text.
FIELDS: dict[str, str] = {
    "prenom": "le prénom du jeune",
    "nom": "son nom de famille",
    "etablissement": "l’établissement qui écrit",
    "classe": "la classe quittée",
    "date": "la date du jour",
    "date_limite": "le dernier jour du lien",
    "telephone": "« au » et le numéro de l’établissement, ou rien",
    "lien": "le lien pour répondre",
}
#: An SMS or an e-mail is read over a shoulder: nothing beyond the first name.
DISCREET = frozenset({"prenom", "etablissement", "date", "date_limite", "telephone", "lien"})
#: Two SMS of 153 signs, the link included.
SMS_LENGTH = 306
_FIELD = re.compile(r"\{([^{}]*)\}")
#: What a school and a link may take in a short message, at most.
_ROOM = {"prenom": 25, "etablissement": 60, "lien": 60}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields; a value is never read again as a text with fields."""
    return _FIELD.sub(lambda match: values.get(match.group(1), match.group(0)), text)


def fields_of(text: str) -> set[str]:
    """The fields that a text names."""
    return {match.group(1) for match in _FIELD.finditer(text)}


def check_text(purpose: str, medium: str, subject: str, body: str) -> None:
    """Refuse a text that would leave wrong: unknown field, too much said, link forgotten."""
    errors: dict[str, list[str]] = {"subject": [], "body": []}
    for name, text in (("subject", subject), ("body", body)):
        for field in sorted(fields_of(text)):
            if field not in FIELDS:
                known = ", ".join(f"{{{one}}}" for one in FIELDS)
                errors[name].append(
                    f"« {{{field}}} » n’est pas un champ. Les champs connus sont : {known}."
                )
            elif medium != Medium.LETTER and field not in DISCREET:
                errors[name].append(
                    f"Retirez « {{{field}}} » : un SMS ou un courriel ne dit rien de plus que le "
                    "prénom."
                )
        try:
            validate_note(_FIELD.sub("", text))
        except ValidationError as error:
            errors[name] += error.messages
    if "lien" in fields_of(subject):
        errors["subject"].append("Mettez {lien} dans le texte, pas dans l’objet.")
    if purpose in (Purpose.FIRST_CONTACT, Purpose.REMINDER) and "lien" not in fields_of(body):
        errors["body"].append("Ajoutez {lien} : sans lui personne ne peut répondre.")
    length = len(_FIELD.sub(lambda m: "x" * _ROOM.get(m.group(1), 12), body))
    if medium == Medium.SMS and length > SMS_LENGTH:
        errors["body"].append(
            f"Ce SMS fait environ {length} signes une fois rempli : restez sous {SMS_LENGTH}."
        )
    if any(errors.values()):
        raise ValidationError({name: found for name, found in errors.items() if found})
