"""Django's settings, composed of what ``config.env`` read."""

from __future__ import annotations

from datetime import timedelta

import dj_database_url
from csp.constants import NONE, SELF

from config import env

ENV = env.read()

DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key
PUBLIC_URL = ENV.public_url
HTTP_ALLOW = ENV.http_allow
# Served by ourselves for flows to call, so reachable although the address is a private one. Nothing but these.
HTTP_OWN_URLS = frozenset({PUBLIC_URL + "/demo/echo"})
EMBEDDED = ENV.is_embedded
DATA_DIR = ENV.data_dir
BASE_DIR = env.ROOT
# Every host name reaches the same data and no address is made from the Host header: PUBLIC_URL is used instead.
ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# Chats that one network address may begin, in each web process.
WEBCHAT_SESSIONS_PER_MINUTE = ENV.webchat_sessions_per_minute
# Executions that an account may start by REST. What customers write is never refused: it queues.
STARTS_PER_SECOND = ENV.starts_per_second
FLOW_LIMITS = ENV.flow_limits

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "channels",
    "common",
    "accounts",
    "conversations",
    "channels_app",
    "console",
    "routing",
    "interactions",
    "flows",
    "reports",
    "supervision",
    "realtime",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]


def _database() -> dict[str, object]:
    if not ENV.database_url:
        return {
            "ENGINE": "common.sqlite",
            "NAME": str(DATA_DIR / "flowdesk.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # Writers queue at BEGIN instead of failing half-way; readers never wait (WAL).
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000;"
                    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456"
                ),
            },
        }
    if ENV.database_url.partition(":")[0] not in ("postgresql", "postgres"):
        raise env.WrongSetting("DATABASE_URL must begin with postgresql:// (leave it unset for SQLite)")
    try:
        found = dj_database_url.parse(ENV.database_url, conn_max_age=None)
    except (ValueError, dj_database_url.UnknownSchemeError) as error:
        raise env.WrongSetting(f"DATABASE_URL cannot be understood: {error}") from error
    # An unreachable server is told in seconds. The server processes add a pool (config.server.main).
    found["OPTIONS"] = {"connect_timeout": 5, "application_name": "flowdesk", **found.get("OPTIONS", {})}
    return found


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    if ENV.is_embedded
    else {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [ENV.redis_url], "prefix": "flowdesk"},
    }
}

CELERY_BROKER_URL = ENV.broker_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "runtime"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "common.tasks.sweep", "schedule": timedelta(seconds=1)}}
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_ENABLE_UTC = True

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.api.session.locked_out"
AXES_VERBOSE = False
# Of allauth only the protocol of single sign-on is used (accounts.sso).
SOCIALACCOUNT_ADAPTER = "accounts.sso.adapter.Adapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = False
ACCOUNT_EMAIL_VERIFICATION = "none"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "common.api.errors.csrf_failure"
_SOCKET = PUBLIC_URL.replace("http", "ws", 1)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        # Mantine and the canvas set element styles; scripts stay strict.
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:", "https:"],
        "media-src": [SELF, "data:", "blob:", "https:"],
        "worker-src": [SELF, "blob:"],
        "connect-src": [SELF, _SOCKET],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# 2 MB definitions and JSON bodies; larger ones get a clear refusal before they are read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

MEDIA_MAX_BYTES = ENV.media_max_mb * 1024 * 1024


def _media_storage() -> dict[str, object]:
    if not ENV.media_s3_bucket:
        # Outside what is served statically: a file is reached by its signed address only.
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(DATA_DIR / "media"), "file_permissions_mode": 0o600},
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": ENV.media_s3_bucket,
            "endpoint_url": ENV.media_s3_endpoint or None,
            "region_name": ENV.media_s3_region or None,
            "default_acl": None,
            "file_overwrite": True,
        },
    }


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "media": _media_storage(),
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from where the build puts them: there is nothing to collect.
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "common.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BasicAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "config.openapi.schema.OperationSchema",
}

# Where traces go; nothing is traced without.
TRACES_URL = ENV.traces_url

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "common.logs.Line"}, "json": {"()": "common.logs.Json"}},
    "filters": {"names": {"()": "common.logs.Names"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": ENV.log_format, "filters": ["names"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # A wrong address is the caller's business; faults of ours are errors.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
    }
    | {
        name: {"level": "INFO"}
        for name in (
            "common",
            "accounts",
            "conversations",
            "channels_app",
            "console",
            "routing",
            "interactions",
            "flows",
            "reports",
            "supervision",
            "realtime",
            "config",
        )
    },
}
