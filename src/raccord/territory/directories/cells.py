"""One value of a directory at a time: repaired when the repair is certain, reported when not.

A repair that is certain is a lost leading zero whose key is right, a small letter, a latitude and a
longitude that took each other's place. All else is left empty and said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from raccord.registers import identifiers
from raccord.registers.problems import Problem, Severity
from raccord.territory import geography
from raccord.territory.directories.rows import Accuracy

_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s;,<>]+@[^@\s;,<>.]+(?:\.[^@\s;,<>.]+)+")
_POINT = re.compile(r"POINT ?\(([-0-9.]+) ([-0-9.]+)\)")
_ADDRESS = re.compile(r"(?P<street>.*)\b(?P<postcode>[0-9]{5})\s+(?P<town>\D.*)", re.DOTALL)

#: Saint-Barthélemy and Saint-Martin left Guadeloupe in 2007; directories still say 971.
_SHARED = {"971": ("977", "978")}

#: A school stands in its commune: farther than this from the town hall, one of the two is wrong.
FARTHEST_KM = 60.0


@dataclass(slots=True)
class Place:
    """Where a structure is, once its address and coordinates agree."""

    postcode: str = ""
    town: str = ""
    insee: str = ""
    departement: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy: Accuracy = Accuracy.UNKNOWN


@dataclass(slots=True)
class Cells:
    """The values of one row by column, and the problems met while reading them."""

    values: Mapping[str, str]
    line: int
    problems: list[Problem] = field(default_factory=list)

    def text(self, *columns: str) -> str:
        """The first of the columns that has something, without blanks around or doubled."""
        for column in columns:
            value = " ".join((self.values.get(column) or "").split())
            if value:
                return value
        return ""

    def flag(self, column: str) -> bool:
        return self.text(column) in ("1", "1.0", "O", "oui", "true", "Oui")

    def report(
        self,
        rule: str,
        column: str,
        value: str,
        message: str,
        severity: Severity = Severity.WARNING,
    ) -> None:
        self.problems.append(Problem(rule, severity, message, self.line, "", column, value))

    # --- identifiers ------------------------------------------------------------------------------

    def uai(self, *columns: str) -> str | None:
        """A UAI whose key is right, else None and why."""
        written = self.text(*columns)
        if not written:
            return None
        column = next(name for name in columns if self.text(name))
        found = identifiers.read_uai(written)
        if not found.well_formed and len(found.value) == 7:
            padded = identifiers.read_uai("0" + found.value)
            if padded.key_ok:
                self.report(
                    "uai_zero",
                    column,
                    written,
                    f"l’UAI « {written} » a perdu son zéro de tête : lu « {padded.value} » ; "
                    "un tableur a sans doute transformé le fichier, reprenez l’original",
                )
                return padded.value
        if not found.well_formed:
            self.report(
                "uai_shape",
                column,
                written,
                f"« {written} » n’est pas un UAI (sept chiffres et une lettre) : la structure est "
                "gardée sans UAI ; corrigez-le dans l’annuaire d’origine",
            )
            return None
        if not found.key_ok:
            self.report(
                "uai_key",
                column,
                written,
                f"la lettre de contrôle de l’UAI « {written} » est fausse : la structure est "
                "gardée sans UAI ; vérifiez-le auprès de l’établissement",
            )
            return None
        if written != found.value:
            self.report(
                "uai_case",
                column,
                written,
                f"l’UAI « {written} » est écrit autrement : lu « {found.value} » ; rien à faire",
                Severity.NOTICE,
            )
        return found.value

    def siret(self, *columns: str) -> str:
        """A SIRET whose key is right, else nothing and why."""
        written = self.text(*columns)
        if not written:
            return ""
        column = next(name for name in columns if self.text(name))
        if _SCIENTIFIC.fullmatch(written):
            self.report(
                "siret_spreadsheet",
                column,
                written,
                f"le SIRET « {written} » a été arrondi par un tableur et ne peut pas être "
                "retrouvé : il est laissé vide ; reprenez le fichier d’origine sans l’ouvrir dans "
                "un tableur",
            )
            return ""
        found = identifiers.siret(written)
        if not found.well_formed:
            self.report(
                "siret_shape",
                column,
                written,
                f"« {written} » n’est pas un SIRET (quatorze chiffres) : il est laissé vide ; "
                "corrigez-le dans l’annuaire d’origine",
            )
            return ""
        if not found.key_ok:
            self.report(
                "siret_key",
                column,
                written,
                f"la clé du SIRET « {written} » est fausse : il est laissé vide ; vérifiez-le "
                "auprès de la structure",
            )
            return ""
        return found.value

    def name(self, *columns: str) -> str:
        """Names are kept as they are; an @ is said: an address may be in the wrong place."""
        value = self.text(*columns)
        if "@" in value:
            self.report(
                "name_at",
                next(column for column in columns if self.text(column)),
                value,
                f"le nom « {value} » contient un @ : il est gardé tel quel ; si c’est une adresse "
                "électronique, mettez-la dans la colonne du courriel",
                Severity.NOTICE,
            )
        return value[:160]

    # --- reaching it ------------------------------------------------------------------------------

    def phone(self, column: str) -> str:
        """A French number as « 02 99 85 38 02 », whatever its blanks; a foreign one as written."""
        written = self.text(column)
        digits = re.sub(r"[^0-9+]", "", written)
        digits = re.sub(r"^(?:\+33|0033)0?(?=[1-9][0-9]{8}$)", "0", digits)
        if len(digits) == 9 and digits[0] in "1234567":
            self.report(
                "phone_zero",
                column,
                written,
                f"le téléphone « {written} » a perdu son zéro : lu « {_spaced('0' + digits)} »",
                Severity.NOTICE,
            )
            digits = "0" + digits
        if not digits or re.fullmatch(r"0[1-9][0-9]{8}", digits):
            return _spaced(digits)
        if re.fullmatch(r"\+[0-9]{8,15}|3[0-9]{3}", digits):
            return digits
        self.report(
            "phone",
            column,
            written,
            f"« {written} » n’est pas un numéro de téléphone : il est laissé vide ; corrigez-le "
            "dans l’annuaire d’origine",
        )
        return ""

    def email(self, column: str) -> str:
        written = self.text(column)
        if not written or _EMAIL.fullmatch(written):
            return written
        self.report(
            "email",
            column,
            written,
            f"« {written} » n’est pas une adresse électronique : elle est laissée vide ; sans "
            "elle, la structure ne peut pas être invitée",
        )
        return ""

    def website(self, column: str) -> str:
        """A link that can be followed; « www.… » gets its missing http://."""
        written = self.text(column)
        if not written or re.match(r"https?://[^\s/]+\.", written):
            return written.replace(" ", "%20")[:200]
        if re.match(r"(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?$", written, re.IGNORECASE):
            return f"http://{written}"[:200]
        self.report(
            "website",
            column,
            written,
            f"« {written} » n’est pas une adresse de site : elle est laissée vide",
            Severity.NOTICE,
        )
        return ""

    def day(self, column: str) -> date | None:
        """AAAA-MM-JJ or JJ/MM/AAAA, with or without an hour."""
        written = self.text(column)
        for shape in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(written[:10], shape).date()
            except ValueError:
                continue
        if written:
            self.report(
                "date",
                column,
                written,
                f"la date « {written} » ne se lit pas (JJ/MM/AAAA) : elle est laissée vide",
            )
        return None

    # --- where it is ------------------------------------------------------------------------------

    def place(
        self,
        *,
        postcode: str = "",
        town: str = "",
        insee: str = "",
        departement: str = "",
        point: geography.Point | None = None,
        accuracy: Accuracy = Accuracy.UNKNOWN,
        columns: Mapping[str, str] | None = None,
    ) -> Place:
        """The place, from whatever is known of it: what one value lacks another gives.

        `columns` says how the file calls each value, for the problems.
        """
        called = {"postcode": "code postal", "insee": "code commune", "point": "coordonnées"}
        called |= dict(columns or {})
        code_postal = self._padded(postcode, called["postcode"], "le code postal")
        code = self._insee(insee, called["insee"])
        commune = geography.current_commune(code) if code else None
        if commune is None:
            commune = geography.find_commune(town, postcode=code_postal, departement=departement)
        if commune is None and code_postal:  # the département may be the wrong one
            commune = geography.find_commune(town, postcode=code_postal)
        place = Place(code_postal, town, commune.code if commune else code, departement)
        if commune is not None:
            if departement and commune.departement not in (
                departement,
                *_SHARED.get(departement, ()),
            ):
                self.report(
                    "departement",
                    called["insee"],
                    insee or town,
                    f"la commune {commune.name} ({commune.code}) n’est pas dans le département "
                    f"{departement} : celui de la commune est gardé ; vérifiez la ligne",
                )
            place.departement = commune.departement
            place.town = place.town or commune.name
        point = self._point(point, called["point"])
        home = commune.point if commune else None
        if point and home and (apart := geography.distance_km(point, home)) > FARTHEST_KM:
            self.report(
                "coordinates_far",
                called["point"],
                f"{point[0]:.4f}, {point[1]:.4f}",
                f"ces coordonnées sont à {apart:.0f} km de la commune : celles de la mairie les "
                "remplacent ; corrigez-les dans l’annuaire d’origine",
            )
            point = None
        if point:
            place.latitude, place.longitude, place.accuracy = *point, accuracy
        elif home:
            place.latitude, place.longitude, place.accuracy = *home, Accuracy.TOWN
        return place

    def coordinates(self, latitude: str, longitude: str) -> geography.Point | None:
        """Two columns of decimal degrees."""
        try:
            pair = [float(self.text(column).replace(",", ".")) for column in (latitude, longitude)]
        except ValueError:
            return None
        return pair[0], pair[1]

    def _point(self, point: geography.Point | None, column: str) -> geography.Point | None:
        if point is None:
            return None
        written = f"{point[0]}, {point[1]}"
        if _in_france(point):
            return point
        if _in_france((point[1], point[0])):
            self.report(
                "coordinates_swapped",
                column,
                written,
                f"la latitude et la longitude « {written} » sont inversées : remises dans l’ordre",
            )
            return point[1], point[0]
        self.report(
            "coordinates",
            column,
            written,
            f"les coordonnées « {written} » ne sont pas en France : celles de la mairie les "
            "remplacent ; corrigez-les dans l’annuaire d’origine",
        )
        return None

    def _padded(self, written: str, column: str, what: str) -> str:
        value = identifiers.normalised(written)
        if re.fullmatch(r"[0-9]{4}", value):
            self.report(
                "postcode_zero",
                column,
                written,
                f"{what} « {written} » a perdu son zéro de tête : lu « 0{value} »",
                Severity.NOTICE,
            )
            return f"0{value}"
        if value and not re.fullmatch(r"[0-9]{5}", value):
            self.report(
                "postcode",
                column,
                written,
                f"« {written} » n’est pas un code postal (cinq chiffres) : il est laissé vide",
            )
            return ""
        return value

    def _insee(self, written: str, column: str) -> str:
        if not written:
            return ""
        found = identifiers.commune(written)
        if found.repaired:
            self.report(
                "insee_zero",
                column,
                written,
                f"le code commune « {written} » a perdu son zéro de tête : lu « {found.value} »",
                Severity.NOTICE,
            )
        if not found.well_formed or geography.commune(found.value) is None:
            self.report(
                "insee",
                column,
                written,
                f"« {written} » n’est le code INSEE d’aucune commune de 2026 : la commune est "
                "cherchée par son nom et son code postal",
            )
            return ""
        return found.value


def address_parts(address: str) -> tuple[str, str, str]:
    """« 7 RUE VILLENEUVE 01000 BOURG-EN-BRESSE » → street, postcode, town: the last postcode."""
    if match := _ADDRESS.fullmatch(address):
        return match["street"].strip(" ,"), match["postcode"], match["town"].strip()
    return address, "", ""


def point_of_text(text: str) -> geography.Point | None:
    """« SRID=4326;POINT (2.74 50.30) »: longitude first."""
    match = _POINT.search(text)
    return (float(match[2]), float(match[1])) if match else None


def _spaced(digits: str) -> str:
    return " ".join(digits[rank : rank + 2] for rank in range(0, len(digits), 2))


def _in_france(point: geography.Point) -> bool:
    latitude, longitude = point
    if latitude == longitude == 0 or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return False
    return any(
        south <= latitude <= north and west <= longitude <= east
        for south, north, west, east in _FRANCE
    )


#: Metropolitan France, then the overseas territories: south, north, west, east.
_FRANCE = (
    (41.2, 51.3, -5.4, 9.8),
    (14.2, 18.3, -63.3, -60.7),  # Guadeloupe, Martinique, Saint-Martin, Saint-Barthélemy
    (2.0, 6.0, -54.8, -51.5),  # Guyane
    (-21.5, -20.7, 55.1, 56.0),  # La Réunion
    (-13.1, -12.5, 44.9, 45.4),  # Mayotte
    (46.6, 47.2, -56.6, -56.0),  # Saint-Pierre-et-Miquelon
    (-28.0, -7.5, -155.0, -134.0),  # Polynésie française
    (-23.0, -17.5, 158.0, 172.5),  # Nouvelle-Calédonie
    (-14.5, -13.0, -178.5, -176.0),  # Wallis-et-Futuna
)
