"""Feeds, deposits, the nightly run; turns verdicts into cases."""

from django.apps import AppConfig


class DetectionConfig(AppConfig):
    """The room `detection`."""

    name = "raccord.detection"
    label = "detection"
    verbose_name = "Repérage"

    def ready(self) -> None:
        """Its guards are put in force with everybody's."""
        from raccord.accounts import database, offering  # noqa: PLC0415 - models are ready only now
        from raccord.detection import door, security  # noqa: PLC0415
        from raccord.detection.querysets import administered, own_schools  # noqa: PLC0415
        from raccord.detection.reporting.seeking import enrolled  # noqa: PLC0415
        from raccord.followup.reporting import seeking  # noqa: PLC0415
        from raccord.followup.services import declaring  # noqa: PLC0415
        from raccord.ui import navigation  # noqa: PLC0415

        database.guard("detection", security.statements)
        declaring.read_registers_with(door.enrolment_of)
        seeking.seek_registers_with(enrolled)
        offering.offer_classes(lambda request, school: door.levels(request.actor, school))  # type: ignore[attr-defined]
        navigation.add(
            60,
            "Bases",
            "detection:feeds",
            lambda actor: bool(administered(actor) or own_schools(actor)),
            about="Ce que chaque établissement a déposé, et ce qui manque.",
        )
        navigation.add(
            20, "Où est cet élève ?", "detection:where", lambda actor: bool(own_schools(actor))
        )
        navigation.add(
            61,
            "Comparaisons",
            "detection:runs",
            lambda actor: bool(administered(actor)),
            about="Ce que chaque nuit a changé, et comment l’annuler.",
        )
