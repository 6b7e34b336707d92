"""Settings of every process; what differs between installations comes from the environment (docs/operations.md)."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.environment import ROOT, data_dir, database, flag, words
from config.logging import configure_logging

MODE = os.environ.get("PARKZERO_MODE", "demo")
if MODE not in {"demo", "test", "production"}:
    raise ImproperlyConfigured("PARKZERO_MODE is demo, test or production.")
IS_PRODUCTION = MODE == "production"
IS_DEMO = MODE == "demo"
DEBUG = False
DATA_DIR = data_dir()


def _secret_key() -> str:
    if os.environ.get("SECRET_KEY"):
        return os.environ["SECRET_KEY"]
    if IS_PRODUCTION:
        raise ImproperlyConfigured("Set SECRET_KEY to a long random text; production has no default.")
    kept = DATA_DIR / "secret_key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(secrets.token_urlsafe(50))
        kept.chmod(0o600)
    return kept.read_text()


def _named(name: str, what: str, otherwise: str) -> str:
    """What the environment says, and `otherwise` only outside production."""
    value = os.environ.get(name, "")
    if not value and IS_PRODUCTION:
        raise ImproperlyConfigured(f"Set {name} to {what}; production has no default.")
    return value or otherwise


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "" if IS_PRODUCTION else "127.0.0.1,localhost,[::1],testserver")
SITE_URL = _named(
    "SITE_URL",
    "the address of the portal, as https://portal.example.org",
    f"http://127.0.0.1:{os.environ.get('PORT', '8000')}",
).rstrip("/")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", SITE_URL if IS_PRODUCTION else "")

INSTALLED_APPS = [
    "tenancy",
    "accounts",
    "parks",
    "enterprises",
    "energy",
    "incentives",
    "reports",
    "config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "django_tables2",
    "django_vite",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "knox",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActivityMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.PersonMiddleware",
    "accounts.middleware.KnownDeviceMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "config.middleware.FailedKeyMiddleware",
    "config.middleware.WrongMethodMiddleware",
    "parks.middleware.ScopeMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
API_PREFIX = "/api/"
ACCESS_OF_LIBRARIES = {
    # Sign-in, second factor and sessions ask for a signed-in person themselves and touch no tenant table.
    "allauth.": "OPEN",
    # Doors are made in parks, which accounts cannot import.
    "accounts.views.messages": "SIGNED_IN",
    "accounts.views.person": "SIGNED_IN",
    "accounts.views.visitor": "OPEN",
    "drf_spectacular.": "OPEN",
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "lib.context.interface",
                "config.context.frame",
            ],
            "builtins": [
                "lib.templatetags.ui",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_vite.templatetags.django_vite",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
FORM_RENDERER = "lib.forms.PortalRenderer"

UNSET_DATABASE = "postgresql://app@127.0.0.1:1/unset"
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **database(os.environ.get("DATABASE_URL", UNSET_DATABASE)),
        "TEST": {"MIRROR": "owner"},
    },
    "owner": database(os.environ.get("OWNER_DATABASE_URL") or os.environ.get("DATABASE_URL", UNSET_DATABASE)),
}
if MODE == "test":
    DATABASES["default"]["CONN_MAX_AGE"] = 0
else:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    # After the database was started anew, its old connections are told from live ones before they are given out.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0")
# Tests that run at once share the server, not what is kept in it.
TEST_PROCESS = ("PARKZERO_TEST_RUN", "PYTEST_XDIST_WORKER")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "-".join(["parkzero", MODE, *(os.environ.get(name, "") for name in TEST_PROCESS)]),
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 570
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A task waits for its next attempt at most ten minutes and must end before its message is taken for lost, or it
    # runs twice.
    "visibility_timeout": 1300,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    # A request does not wait for a broker that is not there: the outbox keeps what was to be said.
    "socket_connect_timeout": 0.5,
    "max_retries": 0,
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "Asia/Shanghai"
if MODE == "test":
    CELERY_TASK_ALWAYS_EAGER = True
    CELERY_TASK_EAGER_PROPAGATES = True

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if MODE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.SignInForm",
    "signup": "accounts.sign_in_forms.RegistrationForm",
    "change_password": "accounts.sign_in_forms.ChangePasswordForm",
    "set_password": "accounts.sign_in_forms.SetPasswordForm",
    "reset_password": "accounts.sign_in_forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.sign_in_forms.ResetPasswordKeyForm",
    "add_email": "accounts.sign_in_forms.ChangeEmailForm",
    "reauthenticate": "accounts.sign_in_forms.ConfirmPasswordForm",
}
ACCOUNT_CHANGE_EMAIL = True
# Only in the browser in which the person has just signed up; elsewhere the link leads to sign-in.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# `key` is the account together with the device or network address, `login_failed_everywhere` the account alone
# (accounts/adapters.py): nobody can lock a colleague out from elsewhere, and nobody can guess for long.
# A device that the account knows is counted by itself alone: colleagues behind one address cannot lock each other out.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "20/5m/ip,5/5m/key",
    "login_failed_known_device": "5/5m/key",
    "login_failed_everywhere": "200/1h/key",
}
# How many proxies in front of the portal write X-Forwarded-For; none: the address of the connection counts.
PROXY_COUNT = int(os.environ.get("PROXY_COUNT", "1" if flag("BEHIND_PROXY", default=False) else "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.sign_in_forms.SecondFactorForm",
    "reauthenticate": "accounts.sign_in_forms.ConfirmCodeForm",
    "activate_totp": "accounts.sign_in_forms.ActivateAuthenticatorForm",
    "add_webauthn": "accounts.sign_in_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.sign_in_forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "ParkZero"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION
SECOND_FACTOR_REQUIRED = flag("SECOND_FACTOR_REQUIRED", default=IS_PRODUCTION)

KNOX_TOKEN_MODEL = "parks.ApiKey"  # noqa: S105 - the name of a model
# Its only table is replaced by ours, and its migrations would make it all the same.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=90),
    "AUTO_REFRESH": False,
    "TOKEN_PREFIX": "pz_",
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.api.KeyAuthentication", "config.api.PageAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["config.api.DoorPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["lib.parsing.ShallowJSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_PAGINATION_CLASS": "config.api.Pages",
    "DEFAULT_THROTTLE_CLASSES": ["config.api.KeyThrottle"],
    "DEFAULT_THROTTLE_RATES": {"key": os.environ.get("API_RATE", "600/min"), "failed_key": "60/min"},
    "NUM_PROXIES": PROXY_COUNT,
    "DEFAULT_SCHEMA_CLASS": "config.api_schema.Schema",
    "EXCEPTION_HANDLER": "config.api_errors.answer_exception",
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ParkZero API",
    "DESCRIPTION": (
        "What a membership can do on the pages of the portal, its key can do here. Amounts are decimal strings in "
        "yuan, instants carry their offset, days are those of the park. Every error has one form. Each key has a limit "
        "of requests a minute; beyond it the answer is 429 with `Retry-After`."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ApplicationState": "incentives.choices.ApplicationState",
        "AssetIndicator": "energy.choices.AssetKpi",
        "AssetKind": "energy.choices.AssetKind",
        "AssetRole": "energy.choices.AssetRole",
        "ChangeRequestState": "enterprises.choices.ChangeRequestState",
        "DocumentKind": "incentives.choices.DocumentKind",
        "EnterpriseKind": "enterprises.choices.EnterpriseKind",
        "EnterpriseStatus": "enterprises.choices.EnterpriseStatus",
        "IssueState": "energy.choices.IssueState",
        "LabelKind": "enterprises.choices.LabelKind",
        "Outcome": "incentives.choices.Outcome",
        "PaperKind": "enterprises.choices.PaperKind",
        "QualityRule": "energy.choices.QualityRule",
        "Role": "parks.choices.Role",
        "SiteUse": "enterprises.choices.SiteUse",
        "Stage": "incentives.choices.Stage",
        "StepKind": "incentives.choices.StepKind",
        "TariffState": "energy.choices.TariffState",
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [ROOT / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [("frontend", ROOT / "frontend" / "dist")]
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": ROOT / "frontend" / "dist" / "manifest.json",
        "static_url_prefix": "frontend",
    },
}
WHITENOISE_USE_FINDERS = MODE == "test"
MEDIA_ROOT = DATA_DIR / "files"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "file_permissions_mode": 0o640},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
if os.environ.get("S3_BUCKET"):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": os.environ["S3_BUCKET"],
            "endpoint_url": os.environ.get("S3_ENDPOINT_URL"),
            "default_acl": None,
            "file_overwrite": False,
        },
    }
LARGEST_UPLOAD_BYTES = 20 * 1024 * 1024
# Feeds: folders stand below one of each park, named as the park in addresses; networks besides the public ones, and
# authorities besides the usual ones, are the operator's to open.
FEED_FOLDER = os.environ.get("FEED_FOLDER") or str(DATA_DIR / "feeds")
FEED_NETWORKS = words("FEED_NETWORKS")
FEED_CA_FILE = os.environ.get("FEED_CA_FILE", "")
FEED_LARGEST_BYTES = 1024**3
PUSHED_READINGS_A_MINUTE = int(os.environ.get("PUSHED_READINGS_A_MINUTE", "100000"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "lib.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

SHOWS_MAIL = IS_DEMO
SMTP_HOST = _named("SMTP_HOST", "the name of the mail server", "")
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", "ParkZero <no-reply@parkzero.example>")
if SMTP_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = SMTP_HOST
    EMAIL_PORT = int(os.environ.get("SMTP_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("SMTP_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("SMTP_PASSWORD", "")
    EMAIL_USE_TLS = flag("SMTP_TLS", default=True)
    EMAIL_TIMEOUT = 20
elif MODE == "test":
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = IS_PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if IS_PRODUCTION:
    SECURE_SSL_REDIRECT = flag("SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", default=False) else None
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
    }
}

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = configure_logging(MODE)
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
PROMETHEUS_EXPORT_MIGRATIONS = False

DJANGO_TABLES2_TEMPLATE = "django_tables2/portal.html"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# auth.W004: the e-mail address is unique whatever its case, by a constraint that this check does not know.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
SITE_NAME = _("ParkZero")
