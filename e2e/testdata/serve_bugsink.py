"""Runs Bugsink on a free loopback port, with its database in the working directory, until standard input ends.

Its only line on standard output is {"url": …, "token": …, "session": …} as JSON, written when it answers; the token is for its API,
and the session is the cookie of somebody who is logged in.
"""

import contextlib
import io
import json
import os
import socketserver
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


# The port comes first: the settings, and so every DSN, contain it.
server = Server(("127.0.0.1", 0), WSGIRequestHandler)
os.environ["BUGSINK_PORT"] = str(server.server_port)
os.environ["DJANGO_SETTINGS_MODULE"] = "bugsink_conf"

from bugsink.wsgi import application  # noqa: E402
from django.contrib import auth  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

token = io.StringIO()
with contextlib.redirect_stdout(token):  # the command prints
    call_command("migrate", verbosity=0)
    call_command("create_auth_token")

user = auth.get_user_model().objects.create_superuser("e2e")
session = SessionStore()
session[auth.SESSION_KEY] = str(user.pk)
session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()

server.set_app(application)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(
    json.dumps({
        "url": f"http://127.0.0.1:{server.server_port}",
        "token": token.getvalue().strip(),
        "session": session.session_key,
    }),
    flush=True,
)
sys.stdin.read()
