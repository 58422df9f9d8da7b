"""Settings of the service. Everything that changes from one place to another is an environment
variable, listed in docs/installation.md; a fresh machine needs none of them."""

import os
import secrets
from pathlib import Path

import dj_database_url

from raccord.config.environment import boolean, home, listed

PACKAGE = Path(__file__).resolve().parent.parent
HOME = home()

DEBUG = boolean("RACCORD_DEBUG", False)
#: Invented pupils only, on the loopback: accounts of the demonstration have no second factor.
DEMO = boolean("RACCORD_DEMO", False)


def _secret_key() -> str:
    """SECRET_KEY, or one drawn once and kept in the only folder written at run time."""
    given = os.environ.get("SECRET_KEY")
    if given:
        return given
    path = HOME / "secret_key"
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
        return path.read_text("ascii")


SECRET_KEY = _secret_key()
#: Former keys: what they signed (marks of the access log, sessions) is still read.
SECRET_KEY_FALLBACKS = listed("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = listed("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")
SITE_URL = os.environ.get("RACCORD_URL", "http://127.0.0.1:8000").rstrip("/")

# --- Rooms, from the highest to the lowest (the order is checked by import-linter) ---------------

INSTALLED_APPS = [
    "raccord.detection",
    "raccord.followup",
    "raccord.privacy",
    "raccord.accounts",
    "raccord.territory",
    "raccord.ui",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "dsfr",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "widget_tweaks",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "raccord.ui.middleware.BehindProxies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "raccord.ui.middleware.SafeResponses",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "raccord.accounts.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "raccord.accounts.middleware.WhoIsActing",
    "raccord.accounts.admission.Admission",
    "raccord.privacy.middleware.KeepReadings",
    "raccord.followup.notifications.middleware.MarkAsRead",
    "raccord.accounts.middleware.UnderTheirRights",
]

ROOT_URLCONF = "raccord.config.urls"
WSGI_APPLICATION = "raccord.config.wsgi.application"
ASGI_APPLICATION = "raccord.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "raccord.ui.context.site",
                "raccord.accounts.context.acting",
                "raccord.followup.notifications.context.unread",
            ],
            "builtins": ["django.templatetags.static"],
        },
    }
]

# --- PostgreSQL, the only server: database, queue and live messages ------------------------------

#: The web server signs in as a role that owns nothing and is held by row-level security
#: (DATABASE_WEB_URL); migrations, the nightly run and the worker sign in as the owner.
DATABASE_ROLE = os.environ.get("RACCORD_DATABASE_ROLE", "owner")
_URL = os.environ.get("DATABASE_WEB_URL" if DATABASE_ROLE == "web" else "DATABASE_URL")
#: Statement, lock, idle transaction: the night computes for minutes between two statements.
_TIMEOUTS = {"web": ("10s", "5s", "60s"), "owner": ("30min", "60s", "0")}
_STATEMENT, _LOCK, _IDLE = _TIMEOUTS["web" if DATABASE_ROLE == "web" else "owner"]
_PARSED = dj_database_url.parse(_URL or "postgresql:///raccord")
DATABASES = {
    "default": {
        **_PARSED,
        "CONN_MAX_AGE": 600 if DATABASE_ROLE == "web" else 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_PARSED.get("OPTIONS", {}),
            "options": f"-c statement_timeout={_STATEMENT} -c lock_timeout={_LOCK} "
            f"-c idle_in_transaction_session_timeout={_IDLE}",
        },
    }
}
#: The role under which web requests run, in tests too (`SET LOCAL ROLE`).
WEB_ROLE = os.environ.get("RACCORD_WEB_ROLE", "raccord_web")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Language and time ---------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"  # each territory has its own; this one is for what has no territory
USE_TZ = True
USE_I18N = True

# --- Static files --------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600

# --- Signing in ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# CNIL, délibération 2022-100: a password used alone carries 80 bits; length, no forced renewal.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 14},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "raccord.accounts.passwords.NotGuessable"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account is only ever made from a mailed invitation
ACCOUNT_ADAPTER = "raccord.accounts.adapters.ByInvitation"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
_RESET = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # allauth's writes in a GET
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = _RESET
PASSWORD_RESET_TIMEOUT = 3600
# One account is watched in the database: passwords by axes, codes by accounts.second_factor. These
# watch one address, in the memory of each process.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip", "login": "60/m/ip"}
ACCOUNT_FORMS = {
    "login": "raccord.accounts.sign_in_forms.SignIn",
    "reset_password": "raccord.accounts.sign_in_forms.Forgotten",
    "reset_password_from_key": "raccord.accounts.sign_in_forms.NewFromLink",
    "change_password": "raccord.accounts.sign_in_forms.Change",
    "set_password": "raccord.accounts.sign_in_forms.FirstOne",
    "reauthenticate": "raccord.accounts.sign_in_forms.Again",
}
MFA_FORMS = {
    "authenticate": "raccord.accounts.sign_in_forms.Code",
    "reauthenticate": "raccord.accounts.sign_in_forms.CodeAgain",
    "activate_totp": "raccord.accounts.sign_in_forms.ActivateCode",
    "add_webauthn": "raccord.accounts.sign_in_forms.AddKey",
    "edit_webauthn": "raccord.accounts.sign_in_forms.EditKey",
}
MFA_ADAPTER = "raccord.accounts.adapters.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an account comes from a mailed invitation
MFA_PASSKEY_LOGIN_ENABLED = True
# Without TLS browsers offer passkeys on this very machine only (http://localhost).
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SITE_URL.startswith("https://")
MFA_TOTP_ISSUER = "Raccord"
MFA_TOTP_TOLERANCE = 1  # half-minutes: a slow hand, a telephone whose clock drifts (RFC 6238, 5.2)
USERSESSIONS_TRACK_ACTIVITY = False
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "raccord.accounts.origin.attempted_address"
AXES_CLIENT_IP_CALLABLE = "raccord.accounts.origin.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS: list[str] = []

# ProConnect (OpenID Connect), off unless RACCORD_PROCONNECT gives the address of the provider.
PROCONNECT = os.environ.get("RACCORD_PROCONNECT", "").rstrip("/")
OIDC_OP_ISSUER = os.environ.get("RACCORD_PROCONNECT_ISSUER", PROCONNECT)
OIDC_OP_AUTHORIZATION_ENDPOINT = f"{PROCONNECT}/authorize"
OIDC_OP_TOKEN_ENDPOINT = f"{PROCONNECT}/token"
OIDC_OP_USER_ENDPOINT = f"{PROCONNECT}/userinfo"
OIDC_OP_JWKS_ENDPOINT = f"{PROCONNECT}/jwks"
OIDC_RP_CLIENT_ID = os.environ.get("RACCORD_PROCONNECT_ID", "")
OIDC_RP_CLIENT_SECRET = os.environ.get("RACCORD_PROCONNECT_SECRET", "")
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = "openid email given_name usual_name"
OIDC_USE_PKCE = True
OIDC_CREATE_USER = False
OIDC_TIMEOUT = 5
OIDC_AUTHENTICATION_CALLBACK_URL = "accounts:proconnect_callback"
OIDC_AUTH_REQUEST_EXTRA_PARAMS = {
    "claims": '{"id_token":{"acr":{"essential":false},"amr":{"essential":false}}}'
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
#: Seconds without a request after which those who see names sign in again.
SESSION_IDLE = 30 * 60
SESSIONS_IN_PARALLEL = 3
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "raccord.ui.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Headers -------------------------------------------------------------------------------------

_SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
#: Reverse proxies in front of us: how many values of X-Forwarded-For are theirs, hence true.
PROXIES = int(os.environ.get("RACCORD_PROXIES", "1" if _SECURE else "0"))
SECURE_SSL_REDIRECT = False  # the reverse proxy does it
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # DSFR's icons are masks held in its own style sheet
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# --- Uploads, mail, logs -------------------------------------------------------------------------

FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = HOME / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # bulk acts on a whole list

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("EMAIL_HOST")
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = boolean("EMAIL_USE_TLS", True)
EMAIL_FILE_PATH = HOME / "courriels"
#: How SMS and e-mails to families leave: files, smtp (e-mails), off, or the dotted path of a
#: provider (`followup.letters.adapters`). Empty: files in the demonstration, else smtp if any.
SMS_ADAPTER = os.environ.get("RACCORD_SMS", "")
FAMILY_EMAIL_ADAPTER = os.environ.get("RACCORD_FAMILY_EMAIL", "")
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Raccord <raccord@localhost>")

#: The service that gives the register of a school by its UAI (`detection.register_service`);
#: off unless RACCORD_SIECLE_URL gives its address.
SIECLE = {
    "url": os.environ.get("RACCORD_SIECLE_URL", "").strip(),
    "header": os.environ.get("RACCORD_SIECLE_HEADER", "").strip(),
    "certificate": os.environ.get("RACCORD_SIECLE_CERTIFICATE", "").strip(),
    "key": os.environ.get("RACCORD_SIECLE_KEY", "").strip(),
    "authorities": os.environ.get("RACCORD_SIECLE_AUTHORITIES", "").strip(),
    "silence": os.environ.get("RACCORD_SIECLE_SILENCE", "").strip(),
    "duration": os.environ.get("RACCORD_SIECLE_DURATION", "").strip(),
    "megabytes": os.environ.get("RACCORD_SIECLE_MEGABYTES", "").strip(),
}

#: Marks of the State (Marianne, « République française ») are reserved to its own services.
STATE_MARKS = boolean("RACCORD_STATE_MARKS", False)
SERVICE_NAME = "Raccord"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "raccord.ui.logs.WithoutValues",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "raccord": {"level": "WARNING" if DEMO else "INFO"},
        # The address of a page carries no personal datum, its query string may: neither is logged.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
    },
}
