"""A proxy as Jupyter's: it shows a server of this machine below a prefix, and passes all headers and streams on."""

import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

HOP = {"connection", "keep-alive", "transfer-encoding"}  # headers of one connection alone


@contextmanager
def proxying(prefix: str) -> Iterator[ThreadingHTTPServer]:
    """A proxy that shows the server at `proxy.target`, a port, below a prefix; all that asks beside it is `astray`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if not self.path.startswith(prefix):
                proxy.astray.append(self.path)
                return self.send_error(404)
            path = self.path.removeprefix(prefix.removesuffix("/"))
            with closing(http.client.HTTPConnection("127.0.0.1", proxy.target, timeout=60)) as line:
                line.request(self.command, path, body, dict(self.headers))
                answer = line.getresponse()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.end_headers()
                while piece := answer.read1():
                    self.wfile.write(piece)

        do_POST = do_GET

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    class Proxy(ThreadingHTTPServer):
        daemon_threads = True
        target = 0
        astray: list[str]

        def handle_error(self, *words: Any) -> None:
            """Say nothing of a browser that has gone."""

    proxy = Proxy(("127.0.0.1", 0), Handler)
    proxy.astray = []
    Thread(target=proxy.serve_forever, daemon=True).start()
    yield proxy
    proxy.shutdown()
    proxy.server_close()
