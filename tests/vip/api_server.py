"""An API server as HAProxy and keepalived see one: HTTPS, /readyz, and for the test also who answers.

usage: api_server.py NAME STATE CERTIFICATE KEY     (STATE is a file with the status that /readyz answers)"""

import http.server
import os
import pathlib
import ssl
import sys

name, state, certificate, key = sys.argv[1:]


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status = int(pathlib.Path(state).read_text()) if self.path == "/readyz" else 200
        body = name.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A connection that ends before it says anything."""


server = Server(("0.0.0.0", 6443), Answers)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
pathlib.Path(state).with_suffix(".pid").write_text(str(os.getpid()))
server.serve_forever()
