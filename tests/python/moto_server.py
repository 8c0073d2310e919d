"""moto's own server on a free loopback port. Prints the port once it listens, writes one JSON line a request to the file that is
its argument, and ends when its standard input does, so that it never outlives the test that started it."""

import json
import os
import re
import sys
import threading
from io import BytesIO
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/aws4_request")


class Logged:
    """Notes each request before moto sees it."""

    def __init__(self, app, path):
        self.app, self.file, self.lock = app, open(path, "a", encoding="utf-8"), threading.Lock()

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        claim = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rsplit(".", 1)[-1]
        if not operation and "urlencoded" in environ.get("CONTENT_TYPE", ""):
            operation = parse_qs(body.decode()).get("Action", [""])[0]
        line = {
            "service": claim.group(2) if claim else "",
            "access_key": claim.group(1) if claim else "",
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "operation": operation,
        }
        with self.lock:
            print(json.dumps(line), file=self.file, flush=True)
        return self.app(environ, start_response)


class Quiet(WSGIRequestHandler):
    def log_request(self, *_):
        pass


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


server = make_server(
    "127.0.0.1", 0, Logged(DomainDispatcherApplication(create_backend_app), sys.argv[1]), threaded=True, request_handler=Quiet
)
# moto builds a few URLs of itself.
os.environ["MOTO_PORT"] = str(server.server_port)
threading.Thread(target=end_with_input, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
