"""A server on the loopback interface that sends lists, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Lists:
    """What the server sends, by path, and the headers of what it was asked."""

    def __init__(self) -> None:
        self.origin = ""
        self.bodies: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.statuses: dict[str, int] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []


@contextmanager
def serving() -> Iterator[Lists]:
    lists = Lists()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            lists.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            body = lists.bodies.get(self.path)
            status = lists.statuses.get(self.path, 200 if body is not None else 404)
            own = lists.headers.get(self.path, {})
            if "ETag" in own and self.headers.get("If-None-Match") == own["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in own.items():
                self.send_header(name, value)
            if "Content-Length" not in own and status != 304:
                self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    lists.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield lists
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
