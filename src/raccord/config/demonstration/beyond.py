"""Chapter of the file that somebody opened beyond their own scope, and said why."""

from typing import TYPE_CHECKING

from django.utils import timezone

from raccord.accounts.middleware import acting_in_database
from raccord.followup.glass import services
from raccord.followup.models import Case

if TYPE_CHECKING:
    from raccord.config.demonstration.story import Story

_WHY = "Ce jeune est à notre accueil, sans rendez-vous, et ne sait plus qui le suit."


def a_file_is_opened_in_emergency(story: "Story") -> None:
    """Three hours, a reason; who follows the young person and the DPO are told."""
    actor = story.cast["missionlocale"]
    for key in story.cases["waiting_others"][:1]:
        person = Case.objects.select_related("person").get(pk=key).person
        names = {"last_name": person.last_name, "first_name": person.first_name}
        # The database itself searches and opens: under the rights of a page, and no other way.
        with acting_in_database(actor.user.pk):
            found = services.search(
                actor, **names, birth_date=person.birth_date or timezone.localdate()
            )
            services.open_beyond(actor, search=found.pk, reason=_WHY)
