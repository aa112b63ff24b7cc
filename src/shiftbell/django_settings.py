"""Django's settings, made from config. Nobody sets anything here by hand."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from shiftbell import config

_values = config.settings()

SECRET_KEY = config.secret_key(_values)
DEBUG = False
ALLOWED_HOSTS = sorted(
    {"127.0.0.1", "localhost", "[::1]", _values.host}
    | {host.strip() for host in _values.allowed_hosts.split(",") if host.strip()}
    | {urlsplit(_values.webhook_url).hostname or "localhost"}
    | {urlsplit(_values.public_url).hostname or "localhost"}
)
INSTALLED_APPS = ["shiftbell.store.apps.StoreConfig"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "shiftbell.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "web" / "templates"],
    }
]
WSGI_APPLICATION = "shiftbell.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None  # cli sets structlog up; Django must not print around it

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(_values.database_file),
        # A deferred BEGIN that later wants to write fails at once, whatever the timeout; an
        # immediate one waits its turn. FULL: a text marked as sending must survive a power cut.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": None,
        "TEST": {"NAME": str(_values.database_file.with_name("test-shiftbell.sqlite3"))},
    }
}
