"""The web service that gives the register of one school: SIECLE's, by UAI and school year.

Addresses, header and errors are those of its published description (« NetSynchro »): one XML or zip
a kind of export, an `erreur` document when it refuses. Nothing of what it sends is ever logged.
"""

import errno
import http.client
import ipaddress
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

#: What is asked for each school: pupils, then whom to call and what their courses are named.
PUPILS = "sco-eleves-adr"
COMPANIONS = ("sco-responsables-adr", "sco-nomenclatures")
#: Seconds between two attempts at one address.
BACK_OFF = (2.0, 10.0)
#: Seconds that a service may ask us to wait, at most.
_PATIENCE = 60.0
_PATH = "sconetechange/resources/flux-netsync/exports/xml"
_PIECE = 64 * 1024
_UAI = re.compile(r"[0-9]{7}[A-Z]")
_REFUSAL = re.compile(rb"<erreur\b.*?<code>\s*([A-Z_]{3,40})\s*</code>", re.DOTALL)


class NotConfigured(Exception):
    """The service is not set up, or in a way that would be unsafe: a French sentence."""


class NotGiven(Exception):
    """The service did not give a register: a French sentence, with the remedy.

    `alone`: this school's only; otherwise the next school would meet the same.
    """

    def __init__(self, sentence: str, *, alone: bool = True) -> None:
        super().__init__(sentence)
        self.alone = alone


class _Again(Exception):
    """A failure that another attempt may not meet."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


@dataclass(frozen=True)
class RegisterService:
    """One service: where it is, how we are known there, and how much we accept from it."""

    address: str
    #: Name and value of the header that authenticates us. Never shown.
    header: tuple[str, str] | None = field(default=None, repr=False)
    certificate: Path | None = None
    key: Path | None = None
    authorities: Path | None = None
    #: Seconds without a byte, seconds for a whole file, bytes of a file.
    silence: float = 30.0
    duration: float = 300.0
    size: int = 200 * 1024 * 1024
    wait: Callable[[float], None] = field(default=time.sleep, repr=False)

    @classmethod
    def configured(cls, given: Mapping[str, str]) -> "RegisterService | None":
        """The service of the settings; None when there is none. Raises NotConfigured."""
        if not given.get("url"):
            return None
        header = None
        if given.get("header"):
            name, colon, value = given["header"].partition(":")
            header = (name.strip(), value.strip())
            if not colon or not re.fullmatch(r"[A-Za-z0-9-]+", header[0]) or not header[1]:
                raise NotConfigured(
                    "RACCORD_SIECLE_HEADER doit s’écrire « Nom: valeur », par exemple "
                    "« Authorization: Bearer … »."
                )
        files = {}
        for name in ("certificate", "key", "authorities"):
            path = files[name] = Path(given[name]) if given.get(name) else None
            if path is not None and not path.is_file():
                raise NotConfigured(
                    f"RACCORD_SIECLE_{name.upper()} : le fichier {path} n’existe pas."
                )
        numbers = {}
        for name in ("silence", "duration", "megabytes"):
            text = given.get(name) or {"silence": "30", "duration": "300", "megabytes": "200"}[name]
            if not text.isdecimal() or int(text) == 0:
                raise NotConfigured(
                    f"RACCORD_SIECLE_{name.upper()} vaut « {text} » : donnez un nombre entier."
                )
            numbers[name] = int(text)
        service = cls(
            given["url"].rstrip("/"), header,
            files["certificate"], files["key"], files["authorities"],
            silence=numbers["silence"], duration=numbers["duration"],
            size=numbers["megabytes"] * 1024 * 1024,
        )  # fmt: skip
        service.check()
        return service

    def check(self) -> None:
        """Refuse an address over which registers of minors must not travel."""
        try:
            parts = urlsplit(self.address)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host, parts = None, urlsplit("")
        if not host or parts.query or parts.fragment or parts.username is not None:
            raise NotConfigured(
                "RACCORD_SIECLE_URL doit être une adresse simple, comme "
                "« https://siecle.exemple.fr » : ni identifiants, ni « ? », ni « # »."
            )
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
            raise NotConfigured(
                "RACCORD_SIECLE_URL doit commencer par « https:// » : les bases nomment des "
                "mineurs."
            )

    def fetch(self, flow: str, uai: str, year: int, folder: Path) -> Path:
        """Ask for one export of one school; the file, in `folder`. Raises NotGiven."""
        if not _UAI.fullmatch(uai):
            raise NotGiven(f"« {uai} » n’est pas un UAI : corrigez la fiche de l’établissement.")
        target = folder / f"{uai}-{flow}"
        for pause in (*BACK_OFF, None):
            try:
                self._ask(flow, uai, year, target)
                return target
            except _Again as reason:
                target.unlink(missing_ok=True)
                if pause is None:
                    raise NotGiven(
                        f"{reason} Raccord a essayé {len(BACK_OFF) + 1} fois et réessaiera ; si "
                        "cela dure, prévenez l’administrateur technique.",
                        alone=False,
                    ) from None
                self.wait(max(pause, reason.after or 0.0))
        raise AssertionError  # the loop above ends by itself

    def _ask(self, flow: str, uai: str, year: int, target: Path) -> None:
        parts = urlsplit(self.address)
        limit = time.monotonic() + self.duration
        connection = self._connection()
        try:
            headers = {"Accept": "application/xml, application/zip", "Compression-Zip": "true"}
            if self.header is not None:
                headers[self.header[0]] = self.header[1]
            path = f"{parts.path.rstrip('/')}/{_PATH}/{quote(flow)}/{quote(uai)}/{year}"
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            _look_at(answer, uai)
            self._keep(answer, target, limit)
        except TimeoutError:
            raise _Again("Le service des bases n’a pas répondu à temps.") from None
        except ssl.SSLCertVerificationError:
            raise NotGiven(
                "Le certificat du service des bases n’est pas reconnu : l’administrateur technique "
                "vérifie RACCORD_SIECLE_AUTHORITIES et l’adresse.",
                alone=False,
            ) from None
        except (OSError, http.client.HTTPException) as fault:
            if isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise NotGiven(
                    "Le disque de Raccord est plein : prévenez l’administrateur technique.",
                    alone=False,
                ) from None
            raise _Again("La liaison avec le service des bases a été coupée.") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.address)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=self.silence)
        context = ssl.create_default_context(
            cafile=str(self.authorities) if self.authorities else None
        )
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return http.client.HTTPSConnection(host, parts.port, timeout=self.silence, context=context)

    def _keep(self, answer: http.client.HTTPResponse, target: Path, limit: float) -> None:
        """Write what comes, within its limits; whole, or not at all."""
        announced, received = answer.length, 0
        if announced is not None and announced > self.size:
            raise self._too_big()
        with target.open("xb") as file:
            while piece := answer.read(_PIECE):
                received += len(piece)
                if received > self.size:
                    raise self._too_big()
                if time.monotonic() > limit:
                    raise _Again("Le service des bases a été trop lent.")
                if received == len(piece) and (refused := _REFUSAL.search(piece)):
                    raise NotGiven(
                        "Le service des bases a refusé la demande "
                        f"({refused[1].decode('ascii')}) : vérifiez l’UAI de l’établissement, et "
                        "que sa base de l’année est ouverte."
                    )
                file.write(piece)
        # http.client says nothing of a body shorter than announced, when read by pieces
        if announced is not None and received < announced:
            raise _Again("Le service des bases n’a envoyé qu’une partie du fichier.")
        if received == 0:
            raise NotGiven("Le service des bases a envoyé un fichier vide pour cet établissement.")

    def _too_big(self) -> NotGiven:
        return NotGiven(
            f"Le fichier dépasse {self.size // 1024 // 1024} Mo : ce n’est sans doute pas la base "
            "d’un seul établissement. Sinon, l’administrateur technique relève "
            "RACCORD_SIECLE_MEGABYTES."
        )


def _look_at(answer: http.client.HTTPResponse, uai: str) -> None:
    """Whether an answer is a file; its words are not repeated: they may name pupils."""
    status = answer.status
    if status == 200:
        return
    if status == 429 or status >= 500:
        asked = answer.headers.get("Retry-After", "")
        after = min(float(asked), _PATIENCE) if asked.isdecimal() else None
        raise _Again(f"Le service des bases est en panne ou occupé (réponse {status}).", after)
    if status == 404:
        raise NotGiven(
            f"Le service des bases ne connaît pas l’établissement {uai}, ou sa base de l’année "
            "n’est pas encore ouverte : vérifiez l’UAI, ou déposez l’export à la main."
        )
    if status in {401, 403}:
        raise NotGiven(
            f"Le service des bases ne nous ouvre pas (réponse {status}) : l’administrateur "
            "technique vérifie RACCORD_SIECLE_HEADER ou le certificat.",
            alone=False,
        )
    if 300 <= status < 400:
        # Followed, it would take the register, or what authenticates us, anywhere.
        raise NotGiven(
            "Le service des bases renvoie vers une autre adresse ; Raccord ne la suit pas : "
            "l’administrateur technique vérifie RACCORD_SIECLE_URL.",
            alone=False,
        )
    raise NotGiven(f"Le service des bases a refusé la demande (réponse {status}).")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
