"""Settings of the tests: those of the service, in a home of their own."""

import atexit
import os
import shutil
import tempfile

os.environ["RACCORD_HOME"] = home = tempfile.mkdtemp(prefix="raccord-tests-")
atexit.register(shutil.rmtree, home, ignore_errors=True)
os.environ["RACCORD_DATABASE_ROLE"] = "owner"

from raccord.config.settings import *  # noqa: E402, F403

# Accounts by the hundred: argon2 is slow by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
