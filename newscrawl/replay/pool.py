"""Work shared among processes, its results in order, and never more of them at once than are needed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# For each process so many pieces wait or are done: enough that none is idle.
_AHEAD = 3
_worker: Any = None


def cores() -> int:
    """Return how many processes are worth starting."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared(
    make: Callable[..., Any], arguments: tuple[Any, ...], method: str, parts: Iterable[T], processes: int
) -> Generator[Any, None, None]:
    """Yield what a worker's method returns for each part, in their order.

    ``make(*arguments)`` makes a worker in each process. With one process it is this one.
    """
    if processes <= 1:
        call = getattr(make(*arguments), method)
        yield from (call(part) for part in parts)
        return
    # A fork has loaded everything already. It must come before any thread is started.
    name = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    with ProcessPoolExecutor(processes, multiprocessing.get_context(name), _begin, (make, arguments)) as pool:
        try:
            yield from _in_order(pool, method, iter(parts), processes * _AHEAD)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, method: str, parts: Iterator[Any], most: int) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque(pool.submit(_call, method, part) for part in islice(parts, most))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(_call, method, part) for part in islice(parts, 1))


def _begin(make: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    global _worker  # noqa: PLW0603 - what a process is started with has no other place
    # Ctrl-C reaches all processes of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = make(*arguments)


def _end_with_parent() -> None:
    # A pool waits for work for ever where the process that gives it was killed.
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _call(method: str, part: Any) -> Any:
    return getattr(_worker, method)(part)
