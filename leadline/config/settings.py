"""Django's settings, from the environment as `environment` reads it."""

from pathlib import Path as _Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from leadline.config import environment as _environment
from leadline.config import logs as _logs

try:
    ENVIRONMENT = _environment.read()
except _environment.EnvironmentProblem as problem:
    raise ImproperlyConfigured(str(problem)) from problem

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
# `web.middleware.HostMiddleware` refuses names that are not ours, and numbers pass, which this list
# cannot say. Every link is made from the configured base URL, never from the Host header.
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "leadline.config.urls"
WSGI_APPLICATION = "leadline.config.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "leadline.workspace",
    "leadline.privacy",
    "leadline.capture",
    "leadline.leads",
    "leadline.timeline",
    "leadline.scoring",
    "leadline.lifecycle",
    "leadline.segments",
    "leadline.routing",
    "leadline.delivery",
    "leadline.activities",
    "leadline.deals",
    "leadline.analytics",
    "leadline.cards",
    "leadline.flow",
    "leadline.playbooks",
    "leadline.web",
]

MIDDLEWARE = [
    "leadline.web.middleware.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "leadline.web.middleware.SetUpMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "leadline.web.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"environment": "leadline.web.jinja.environment"},
    },
    {
        # allauth's own pages; its layouts and elements are ours, in `web/templates/allauth`.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_Path(__file__).parent.parent / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    },
]

DATABASES = {"default": ENVIRONMENT.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "workspace.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "leadline.web.accounts.Adapter"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "leadline.workspace.link_tokens.Tokens"  # noqa: S105  # a class
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "leadline.web.second_factor.Adapter"
MFA_FORMS = {
    "authenticate": "leadline.web.second_factor.CodeForm",
    "reauthenticate": "leadline.web.second_factor.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Leadline"  # otherwise an app shows the Host header of the request
# One step of 30 s either way (RFC 6238, 5.2): clocks of phones drift, and people type slowly.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/today"
LOGOUT_REDIRECT_URL = "/sign-in/"

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.secure_cookies
SESSION_COOKIE_NAME = "__Host-session" if ENVIRONMENT.secure_cookies else "leadline_session"
CSRF_COOKIE_NAME = "__Host-csrf" if ENVIRONMENT.secure_cookies else "leadline_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.base_url]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.secure_cookies else 0
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "leadline.web.errors.no_csrf"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# A thousand leads can be chosen one by one (`flow.bulk_choice`), with what is to be done to them.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_100
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = [
    "leadline.web.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [_Path(__file__).parent.parent / "locale"]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# What browsers ask for at the root: the service worker, the manifest, the pictures of the app.
WHITENOISE_ROOT = _Path(__file__).parent.parent / "web" / "root"
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
MEDIA_ROOT = ENVIRONMENT.data / "media"

DEFAULT_FROM_EMAIL = "leadline@localhost"
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = ENVIRONMENT.data / "outbox"
if ENVIRONMENT.email is not None:
    globals().update(ENVIRONMENT.email)

LOGGING = _logs.configuration(json=ENVIRONMENT.log_json, level=ENVIRONMENT.log_level)
LOGGING_CONFIG = "logging.config.dictConfig"
SILENCED_SYSTEM_CHECKS: list[str] = []
# One value per start: the console token of the set-up page (shared with children by the file).
SET_UP_TOKEN_FILE = ENVIRONMENT.data / "set_up_token"
