"""Notices that a server does not answer any more, and ends the wait for it."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from threading import Event, Lock, Thread

# How many looks make up the time that an answer may take: what is silent is found at most one look late.
_LOOKS = 20
# How many times its time an answer may take at most, where the server is known to be at work on it.
_MOST_PATIENCE = 64


class Watchdog:
    """Shuts a connection's socket down when a statement has had no answer for too long.

    TCP finds a network that is silent, but not a server that is frozen: its system still acknowledges what it
    gets. Whoever waits for an answer on a socket that was shut down gets an error at once.
    """

    def __init__(self, seconds: float) -> None:
        """``seconds`` is how long an answer may take. The thread starts with the first connection."""
        self.has_cut = False
        """Whether it was this that ended the connection."""
        self._seconds = seconds
        self._patience = 1
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._is_waiting = False
        self._statement = 0
        self._stopped = Event()
        self._thread: Thread | None = None

    @property
    def seconds(self) -> float:
        """How long an answer may take now."""
        return self._seconds * self._patience

    def guard(self, descriptor: int) -> None:
        """Watch over a new connection's socket."""
        with self._lock:
            # A descriptor of our own: the number of a closed one may be another file's a moment later.
            self._socket = socket.socket(fileno=os.dup(descriptor))
            self.has_cut = False
        if self._thread is None and not self._stopped.is_set():
            self._thread = Thread(target=self._watch, name="newscrawl-watchdog", daemon=True)
            self._thread.start()

    def release(self) -> None:
        """Let go of the connection, which is to be closed."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def cut(self) -> None:
        """End the connection now, whoever waits for it."""
        with self._lock:
            self._shut_down()

    def begin(self) -> None:
        """Note that a statement is sent."""
        self._statement += 1
        self._is_waiting = True

    def end(self) -> None:
        """Note that the answer is there."""
        self._is_waiting = False

    def wait_longer(self) -> bool:
        """Give the next answers twice the time; False where that would be too much."""
        if self._patience >= _MOST_PATIENCE:
            return False
        self._patience *= 2
        return True

    def wait_as_before(self) -> None:
        """Give the next answers the time they had at first."""
        self._patience = 1

    def stop(self) -> None:
        """End the thread and let go of the connection."""
        self._stopped.set()
        self.release()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _shut_down(self) -> None:
        if self._socket is not None:
            # The other side may have closed it.
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _watch(self) -> None:
        # Looks are counted, no times compared: a process that was itself frozen is not to blame the server.
        seen, looks = 0, 0
        while not self._stopped.wait(self._seconds / _LOOKS):
            if not self._is_waiting or self._statement != seen:
                seen, looks = self._statement, 0
                continue
            looks += 1
            if looks >= _LOOKS * self._patience:
                with self._lock:
                    if self._socket is not None and self._is_waiting and self._statement == seen:
                        self.has_cut = True
                        self._shut_down()
