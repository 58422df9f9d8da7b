"""Settings of the tests: those of the service, in a home of their own."""

import os
import tempfile

os.environ["RACCORD_HOME"] = tempfile.mkdtemp(prefix="raccord-tests-")
os.environ["RACCORD_DATABASE_ROLE"] = "owner"

from raccord.config.settings import *  # noqa: F403

# Accounts by the hundred: argon2 is slow by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
