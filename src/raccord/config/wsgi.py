"""Entry point of the web server (WSGI)."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raccord.config.settings")
os.environ.setdefault("RACCORD_DATABASE_ROLE", "web")

application = get_wsgi_application()

from django.db import connections  # noqa: E402

from raccord.accounts.database import unheld  # noqa: E402 - needs the application set up

# Fail closed: under a role that row-level security does not hold, no page is served.
_reasons = unheld()
if _reasons:
    sys.exit("\n".join(_reasons))
# Workers are forked from here (--preload): none may inherit this connection.
connections.close_all()
