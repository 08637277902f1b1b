"""Settings, all from the environment; with nothing set they are those of a safe single machine on SQLite.

`PUBLIC_URL` is where people find this installation (links, mail, QR codes). `ISSUER_URL` is what is signed into credentials
and can never change afterwards. `DATA_DIR` holds what is not in the database: keys, uploads, rendered documents.
"""

import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("PALPATE_DEMO", False)
TESTING = "pytest" in sys.modules

DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def _secret_key() -> str:
    """The key of this installation: from the environment, else made once and kept beside the data."""
    given = env.str("SECRET_KEY", "")
    if given:
        return given
    kept = DATA_DIR / "secret-key"
    try:
        with kept.open("x") as file:
            kept.chmod(0o600)
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return kept.read_text()


SECRET_KEY = _secret_key()

PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{env.int('PORT', 8000)}").rstrip("/")
ISSUER_URL = env.str("ISSUER_URL", "https://credentials.palpate.example").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    [urlsplit(PUBLIC_URL).hostname, urlsplit(ISSUER_URL).hostname]
    + ([] if HTTPS else ["127.0.0.1", "localhost", "testserver"]),
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "lms",
    "cms",
    "quizzes",
    "practicals",
    "courses",
    "credentials",
    "accounts",
    "ledger",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "accounts.apps.PeopleConfig",  # wagtail.users, for our people
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "django_prometheus",
    "health_check",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.headless",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "lms.page_cache.FullPageCacheMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "lms.context.site",
            ],
        },
    },
]

# Database: SQLite (WAL, writers take their lock at once) unless DATABASE_URL names another.
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'palpate.sqlite3'}"),
}
DATABASES["default"]["CONN_MAX_AGE"] = None
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Compiling a list's statement takes PostgreSQL longer than answering it.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728; "
            "PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY;"
        ),
    }
    DATABASES["default"]["TEST"] = {
        "NAME": env.str("TEST_DATABASE", str(BASE_DIR / ".cache" / "test.sqlite3"))
    }
    if TESTING:
        (BASE_DIR / ".cache").mkdir(exist_ok=True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 2000},
        }
    )
}
# A cache of one process would keep a signed-out session alive in the others.
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db" if REDIS_URL else "accounts.sessions"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PeopleBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.NameForm"
ACCOUNT_FORMS = {
    "login": "accounts.forms_signing_in.LoginForm",
    "signup": "accounts.forms_signing_in.SignupForm",
    "add_email": "accounts.forms_signing_in.AddEmailForm",
    "change_password": "accounts.forms_signing_in.ChangePasswordForm",
    "set_password": "accounts.forms_signing_in.SetPasswordForm",
    "reset_password": "accounts.forms_signing_in.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms_signing_in.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms_signing_in.ReauthenticateForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Palpate"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
HEADLESS_CLIENTS = ("app",)
HEADLESS_SERVE_SPECIFICATION = False
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}

# Language and time: rows are UTC; each edition of a scheme names the zone its days end in.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
LEDGER_REFUSES_DELETE = True
TIME_ZONE = "UTC"
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
KEYS_DIR = Path(env.str("KEYS_DIR", str(DATA_DIR / "keys")))
S3_BUCKET = env.str("S3_BUCKET", "")
_private_options = {"bucket_name": S3_BUCKET, "querystring_auth": True, "location": "private"}
STORAGES = {
    "default": (
        {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": S3_BUCKET, "location": "media"},
        }
        if S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    # Uploaded evidence and rendered certificates: never reachable by URL, only through a view that asks who you are.
    "private": (
        {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _private_options}
        if S3_BUCKET
        else {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": DATA_DIR / "private", "base_url": None},
        }
    ),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "lms.static_files.StaticFiles"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DOCUMENT_MAX_BYTES = 10 * 1024 * 1024

# Mail
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_FILE_PATH = DATA_DIR / "outbox"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Palpate <noreply@palpate.example>")
if env.str("EMAIL_URL", ""):
    _email = env.dj_email_url("EMAIL_URL")
    globals().update({key: value for key, value in _email.items() if key.isupper()})
ANYMAIL: dict[str, str] = env.dict("ANYMAIL", {})

# Wagtail
WAGTAIL_SITE_NAME = "Palpate"
WAGTAILADMIN_BASE_URL = PUBLIC_URL
WAGTAILADMIN_LOGIN_URL = (
    "/desk/"  # which sends visitors to sign in, and people without access to their own desk
)
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILDOCS_EXTENSIONS = ["mp4", "webm", "vtt", "pdf"]
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True

# How many proxies in front add to X-Forwarded-For; with none, what a client writes there is not believed.
NUM_PROXIES = env.int("NUM_PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = NUM_PROXIES

# HTTP interface
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "allauth.headless.contrib.rest_framework.authentication.XSessionTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.parsing.JSONBody"],
    "DEFAULT_PAGINATION_CLASS": "accounts.web.Results",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"verify": "60/min", "register": "30/min", "anon": "120/min"},
    "EXCEPTION_HANDLER": "accounts.web.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 50,
    "NUM_PROXIES": NUM_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Palpate",
    "DESCRIPTION": "Everything a screen of Palpate can do. Errors are RFC 9457 problem documents with a `code`.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "PREPROCESSING_HOOKS": ["lms.schema.only_ours"],
    "ENUM_NAME_OVERRIDES": {
        "AttemptStateEnum": ["in_progress", "submitted"],
        "ReviewOutcomeEnum": ["met", "not_met", "more_information"],
        "AppealGroundEnum": "credentials.models.Case.Ground",
        "ExceptionGroundEnum": "credentials.models.Exemption.Ground",
        "CaseKindEnum": "credentials.models.Case.Kind",
        "CaseStepKindEnum": "credentials.models.CaseStep.Kind",
        "CaseOutcomeEnum": "credentials.models.Case.Outcome",
        "CaseActionEnum": "credentials.models.CaseStep.Action",
        "BulkActionEnum": "credentials.models.BulkRun.Action",
        "DecisionOutcomeEnum": "credentials.models.Decision.Outcome",
        "RunStepStateEnum": "credentials.models.BulkStep.State",
        "RequirementStateEnum": [
            "met",
            "waiting",
            "returned",
            "refused",
            "expired",
            "missing",
        ],
        "RenewalStateEnum": [
            "preparing",
            "returned",
            "with_register",
            "renewed",
            "suspended",
            "too_late",
            "ended",
        ],
        "ActivityDecisionEnum": ["accepted", "more_information", "not_accepted"],
    },
}

# Browser security
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Documents of the register are fetched by wallets without redirects; the proxy in front serves them over TLS only.
SECURE_REDIRECT_EXEMPT = [
    r"^\.well-known/",
    r"^status/",
    r"^credentials/",
    r"^achievements/",
    r"^issuer",
]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 86_400
# Our own pages frame an uploaded document beside its decision, and Wagtail its previews.
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]
CONTENT_SECURITY_POLICY = {
    # Wagtail's own screens need inline scripts; they are for staff and framed off by their own login.
    "EXCLUDE_URL_PREFIXES": ("/cms/", "/api/v1/docs/"),
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")
}

# Logs (a line a record: key=value while developing, JSON otherwise) and errors
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
                if DEBUG or DEMO
                else structlog.processors.JSONRenderer(),
            ],
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
}
if env.str("SENTRY_DSN", ""):
    import sentry_sdk

    sentry_sdk.init(dsn=env.str("SENTRY_DSN"), send_default_pii=False)

if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
