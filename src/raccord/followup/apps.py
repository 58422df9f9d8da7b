"""Persons, cases, departures, their timeline and what people do with them."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FollowUpConfig(AppConfig):
    """The room `followup`."""

    name = "raccord.followup"
    label = "followup"
    verbose_name = "Suivi"

    def ready(self) -> None:
        """Its guards are put in force with everybody's."""
        from raccord.accounts import actors, database, offering, roles  # noqa: PLC0415 - models are ready
        from raccord.followup import entrusting, security  # noqa: PLC0415
        from raccord.followup.care import vacancies  # noqa: PLC0415
        from raccord.followup.desk import reading as desk  # noqa: PLC0415
        from raccord.followup.exports import diligence  # noqa: PLC0415
        from raccord.followup.glass.services import examines, may_look_beyond  # noqa: PLC0415
        from raccord.followup.letters import defaults  # noqa: PLC0415
        from raccord.followup.meetings.services import groups_of  # noqa: PLC0415
        from raccord.followup.notifications.context import UNREAD  # noqa: PLC0415
        from raccord.followup.reporting import seeking  # noqa: PLC0415
        from raccord.ui import navigation  # noqa: PLC0415

        post_migrate.connect(defaults.write, sender=self)
        database.guard("followup", security.statements)
        actors.read_too("unread", UNREAD)
        offering.offer_classes(entrusting.classes)
        offering.offer_pupils(entrusting.pupils)
        navigation.add(10, "Aujourd’hui", "followup:home", desk.starts_here)
        navigation.add(12, "Nos dossiers", "followup:list", desk.starts_here)
        navigation.add(
            10,
            "Ma liste",
            "followup:home",
            lambda actor: actor.sees_names and not desk.starts_here(actor),
            training=True,
        )
        navigation.add(
            15, "Agenda", "followup:agenda", lambda a: a.has(*roles.OF_STRUCTURE), training=True
        )
        navigation.add(
            25, "Mes signalements", "followup:reports", seeking.may_report, training=True
        )
        navigation.add(
            30, "Groupe d’appui", "followup:meetings", lambda actor: bool(groups_of(actor))
        )
        navigation.add(60, "Hors périmètre", "followup:beyond", may_look_beyond)
        navigation.add(
            81,
            "Ouvertures",
            "followup:openings",
            examines,
            about="Qui a ouvert un dossier hors de son périmètre, et pourquoi.",
        )
        navigation.add(
            82,
            "Droit d’accès",
            "followup:person_file_request",
            examines,
            about="Remettre à un jeune la copie de son dossier.",
        )
        navigation.add(
            45, "Doublons", "followup:pairs", lambda actor: actor.sees_names, training=True
        )
        navigation.add(
            85, "S’exercer", "followup:training", lambda actor: actor.sees_names, training=True
        )
        navigation.add(
            40, "Relevé", "followup:statement", lambda actor: bool(diligence.schools_of(actor))
        )
        navigation.add(
            45,
            "Places vacantes",
            "followup:vacancies",
            vacancies.may_read,
            about="Les formations où une place est libre, et depuis quand on le sait.",
        )
