"""What goes wrong with the embedded PostgreSQL, said in French with its remedy."""

from pathlib import Path


class ServerError(Exception):
    """PostgreSQL cannot be used; the message (French) says why and what to do."""


#: What PostgreSQL or the system writes (lower case) -> what it means here.
_KNOWN = (
    (
        ("no space left on device", "disk quota exceeded"),
        "le disque est plein. Libérez de la place (1 Go au moins), ou placez les données ailleurs "
        "avec RACCORD_HOME, puis recommencez : rien n’est perdu",
    ),
    (
        ("read-only file system",),
        "ce dossier est en lecture seule. Placez les données ailleurs avec RACCORD_HOME",
    ),
    (
        ("permission denied", "operation not permitted", "has wrong ownership"),
        "le compte utilisé n’a pas le droit d’y écrire. Relancez avec le compte qui possède ce "
        "dossier, ou rendez-le-lui (« chown -R »), ou placez les données ailleurs avec "
        "RACCORD_HOME",
    ),
    (
        ("invalid permissions", "could not change permissions"),
        "ce disque ne sait pas réserver un dossier à un seul compte. Placez les données sur un "
        "disque local de Linux avec RACCORD_HOME",
    ),
    (
        ("not a directory", "file exists"),
        "un fichier occupe la place du dossier. Déplacez-le, ou choisissez un autre dossier avec "
        "RACCORD_HOME",
    ),
    (
        ("address already in use",),
        "le port demandé est déjà pris. Choisissez-en un autre, ou n’en demandez pas",
    ),
    (
        ("cannot allocate memory", "could not map anonymous shared memory"),
        "la mémoire manque (il faut environ 300 Mo libres). Fermez d’autres programmes, puis "
        "recommencez",
    ),
    (
        ("incompatible with server", "not compatible with this version"),
        "ces données viennent d’une autre version de PostgreSQL. Réinstallez cette version-là, "
        "ou mettez le dossier de côté pour repartir à neuf",
    ),
)


def explain(cause: str | OSError, folder: Path) -> ServerError:
    """The error to show for what initdb, the server or the system said about `folder`."""
    text = f"{cause.strerror or cause}" if isinstance(cause, OSError) else cause.strip()
    for signs, meaning in _KNOWN:
        if any(sign in text.lower() for sign in signs):
            return ServerError(f"PostgreSQL ne peut pas travailler dans {folder} : {meaning}.")
    said = "\n".join(f"    {line}" for line in text.splitlines()[-12:]) or "    (rien)"
    return ServerError(
        f"PostgreSQL n’a pas démarré dans {folder}. Il a dit :\n{said}\n"
        "Corrigez cette cause, ou indiquez un autre PostgreSQL avec DATABASE_URL."
    )
