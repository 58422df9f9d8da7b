"""What every template knows of the site."""

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from raccord.ui import navigation


def site(request: HttpRequest) -> dict[str, Any]:
    """SITE_CONFIG is what django-dsfr's templates read; ours costs no query."""
    return {
        "SITE_CONFIG": SimpleNamespace(
            site_title=settings.SERVICE_NAME,
            site_tagline="Ne perdre aucun jeune de vue",
            header_brand="République<br />française" if settings.STATE_MARKS else "",
            header_brand_html="",
            mourning=False,
            accessibility_status="PART",
            beta_tag=False,
        ),
        "STATE_MARKS": settings.STATE_MARKS,
        "DEMO": settings.DEMO,
        "MENU": navigation.menu(request, getattr(request, "actor", None)),
    }
