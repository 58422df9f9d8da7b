"""Entry point of the web server (WSGI)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raccord.config.settings")
os.environ.setdefault("RACCORD_DATABASE_ROLE", "web")

application = get_wsgi_application()
