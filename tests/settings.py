"""Settings of the test project. ``DATABASE_URL`` chooses the database; without it, SQLite."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import environ

env = environ.Env()

SECRET_KEY = "for-tests-only"
DEBUG = True  # for commands; the test runner turns it off
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
ROOT_URLCONF = "tests.urls"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
STATIC_URL = "/static/"
# Quick: the slow ones cost each test that logs somebody in a quarter of a second.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A file, not memory: threads of one test run with connections of their own, as in production.
_scratch = Path(tempfile.gettempdir()) / f"gemafu-tests-{os.getpid()}"
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{_scratch}.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {"timeout": 20, "transaction_mode": "IMMEDIATE"}
    DATABASES["default"]["TEST"] = {"NAME": f"{_scratch}-test.sqlite3"}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_gemafu",
    "django_gemafu.sandbox",
]

MIDDLEWARE = [
    "tests.strict_policy.StrictPolicy",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

GEMAFU = {
    "MERCHANT_ID": 9999,
    "SECRET_KEY": "for-tests-only-000000000000000001",
    "APP_NAME": "TESTSHOP",
    "SITE_URL": "https://shop.example",
    # Port 9 (discard): a test that wants a gateway says which.
    "GATEWAY_URL": "http://127.0.0.1:9/pay",
    "CONNECT_TIMEOUT_SECONDS": 1,
    "READ_TIMEOUT_SECONDS": 2,
}
