"""Stands between a client and a PostgreSQL server, and disturbs the connection on demand.

``with Proxy(server_url) as proxy: connect(proxy.url)``. Threads do the work; each method may be called at any
time and has taken effect when it returns.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from time import sleep
from typing import Self

from psycopg.conninfo import conninfo_to_dict

_PORT = 5432


class Proxy:
    """Listens on 127.0.0.1 and passes everything on to a server's socket file."""

    def __init__(self, server_url: str) -> None:
        found = conninfo_to_dict(server_url)
        self._target = f"{found['host']}/.s.PGSQL.{found.get('port', _PORT)}"
        self._lock = Lock()
        self._flows = Event()
        self._flows.set()
        self._links: list[_Link] = []
        self._traps: list[tuple[bytes, Callable[[_Link], bool]]] = []
        self.sprung = Event()
        """Set when what a method waits for has come: a request, or an answer."""
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        name, user = found.get("dbname", "postgres"), found.get("user", "postgres")
        self.url = f"postgresql://{user}@127.0.0.1:{self.port}/{name}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()
        self.cut()
        self._flows.set()

    def freeze(self) -> None:
        """Pass nothing on, in either direction; new connections are taken and not answered."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass on what was held back, and what follows."""
        self._flows.set()

    def forsake(self) -> None:
        """Never pass anything on for the present connections, which stay open; new ones work."""
        with self._lock:
            for link in self._links:
                link.is_forsaken = True

    def cut(self) -> None:
        """Close all present connections; new ones work."""
        with self._lock:
            links, self._links = self._links, []
        for link in links:
            link.close()

    def refuse(self) -> None:
        """Refuse new connections; the present ones go on."""
        # Close alone would leave the thread in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def accept(self) -> None:
        """Take new connections again, after ``refuse``."""
        self._listener = self._listen(self.port)

    def lose_request(self, text: bytes) -> None:
        """Cut the connection of the next request that holds ``text``, instead of passing it on."""
        self._trap(text, self._cut_link)

    def lose_answer(self, text: bytes) -> None:
        """Pass the next request that holds ``text`` on; when its answer comes, cut the connection instead."""
        self._trap(text, lambda link: link.on_answer(self._cut_link))

    def freeze_request(self, text: bytes) -> None:
        """Pass the next request that holds ``text`` on to nobody, and let its connection wait forever."""
        self._trap(text, self._forsake_link)

    def freeze_answer(self, text: bytes) -> None:
        """Pass the next request that holds ``text`` on, and let the client wait for its answer forever."""
        self._trap(text, lambda link: link.on_answer(self._forsake_link))

    def _trap(self, text: bytes, action: Callable[[_Link], bool]) -> None:
        with self._lock:
            self.sprung.clear()
            self._traps.append((text, action))

    def _cut_link(self, link: _Link) -> bool:
        link.close()
        self.sprung.set()
        return False

    def _forsake_link(self, link: _Link) -> bool:
        link.is_forsaken = True
        self.sprung.set()
        return False

    def _may_pass(self, link: _Link, data: bytes) -> bool:
        """Do what is to be done about a request; tell whether it is passed on."""
        with self._lock:
            sprung = [trap for trap in self._traps if trap[0] in data]
            self._traps = [trap for trap in self._traps if trap not in sprung]
        # Each of them, also after one that keeps the request back.
        results = [action(link) for _, action in sprung]
        return all(results)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        Thread(target=self._take, args=(listener,), daemon=True).start()
        return listener

    def _take(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._target)
            except OSError:
                # As a server that is not there.
                client.close()
                server.close()
                continue
            link = _Link(client, server, self._flows, self._may_pass)
            with self._lock:
                self._links.append(link)
            link.start()


class _Link:
    """One connection: two sockets, and a thread for each direction."""

    def __init__(
        self,
        client: socket.socket,
        server: socket.socket,
        flows: Event,
        may_pass: Callable[[_Link, bytes], bool],
    ) -> None:
        self._client = client
        self._server = server
        self._flows = flows
        self._may_pass = may_pass
        self._answer: Callable[[_Link], bool] | None = None
        self._is_closed = False
        self.is_forsaken = False
        self._running = 2
        self._lock = Lock()

    def start(self) -> None:
        Thread(target=self._pump, args=(self._client, self._server), daemon=True).start()
        Thread(target=self._pump, args=(self._server, self._client), daemon=True).start()

    def on_answer(self, action: Callable[[_Link], bool]) -> bool:
        self._answer = action
        return True

    def close(self) -> None:
        self._is_closed = True
        for one in (self._client, self._server):
            # Wakes the threads, which close them.
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._waits_for_flow():
                    break
                if source is self._client and not self._may_pass(self, data):
                    continue
                if source is self._server and self._answer is not None:
                    action, self._answer = self._answer, None
                    if not action(self):
                        continue
                target.sendall(data)
        if not self.is_forsaken:
            self.close()
        with self._lock:
            self._running -= 1
            if self._running == 0:
                self._client.close()
                self._server.close()

    def _waits_for_flow(self) -> bool:
        while not self._is_closed:
            if self.is_forsaken:
                sleep(0.02)
            elif self._flows.wait(0.02):
                return True
        return False
