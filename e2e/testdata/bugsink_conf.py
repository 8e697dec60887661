"""Settings of the Bugsink server that serve_bugsink.py runs."""

import os

from bugsink.settings.default import *  # noqa: F403

SECRET_KEY = os.urandom(32).hex()
DATABASES["default"]["NAME"] = os.path.join(os.getcwd(), "bugsink.sqlite3")  # noqa: F405
# Events are digested in the request that brings them: once it is answered, the API knows them.
SNAPPEA = {"TASK_ALWAYS_EAGER": True}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
BUGSINK = {
    "BASE_URL": "http://127.0.0.1:" + os.environ["BUGSINK_PORT"],
    "INGEST_STORE_BASE_DIR": os.path.join(os.getcwd(), "ingest"),
    "PHONEHOME": False,
}
