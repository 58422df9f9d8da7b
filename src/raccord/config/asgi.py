"""Entry point of the web server (ASGI)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raccord.config.settings")
os.environ.setdefault("RACCORD_DATABASE_ROLE", "web")

application = get_asgi_application()
