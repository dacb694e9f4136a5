"""
The product's settings on a place of their own, for one run of the tests on one back end.

``FLOWDESK_TEST_BACKEND`` is ``sqlite`` (default: embedded) or ``postgres`` (PostgreSQL and Redis, at the addresses of
``FLOWDESK_TEST_DATABASE_URL`` and ``FLOWDESK_TEST_REDIS_URL``). Runs at the same time do not meet: each has a data
directory, a database and a Redis database of its own.
"""

import atexit
import os
import shutil
import tempfile

from tests import backends

BACKEND = os.environ.get("FLOWDESK_TEST_BACKEND", "sqlite")
REDIS_URL = ""

if BACKEND == "postgres":
    REDIS_URL = backends.claim_redis()
    atexit.register(backends.release_redis, REDIS_URL)

_data_dir = tempfile.mkdtemp(prefix="flowdesk-test-")
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)

# Set, even to nothing, so that neither the caller's environment nor a .env file leads the tests to real data.
os.environ.update(
    {
        "FLOWDESK_DATA_DIR": _data_dir,
        "FLOWDESK_SECRET_KEY": "only for tests",
        "FLOWDESK_ADMIN_PASSWORD": "",
        "FLOWDESK_PUBLIC_URL": "http://testserver",
        "FLOWDESK_HOST": "127.0.0.1",
        "FLOWDESK_PORT": "8000",
        "FLOWDESK_HTTP_ALLOW": "",
        "FLOWDESK_DEBUG": "false",
        "FLOWDESK_DEMO": "true",
        "DATABASE_URL": backends.POSTGRES_URL if BACKEND == "postgres" else "",
        "REDIS_URL": REDIS_URL,
        # Doorbells of unit tests go nowhere: see ``drain`` in conftest.py.
        "CELERY_BROKER_URL": "memory://localhost",
    }
)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

DATABASES["default"]["TEST"] = {
    "NAME": f"flowdesk_test_{os.getpid()}" if BACKEND == "postgres" else f"{_data_dir}/test.sqlite3"
}
if BACKEND == "sqlite":
    # What is written needs to outlive no power cut here.
    options = DATABASES["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")

# Hashing that is meant to be slow would be most of the tests' time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
