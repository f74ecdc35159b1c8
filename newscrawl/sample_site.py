"""A small site of pages from a folder, on a local port: for the first run, tests and benchmarks.

``python -m newscrawl.sample_site`` serves ``data/sample`` until it is stopped;
``python -m newscrawl.sample_site COMMAND …`` runs a command while it serves, with ``{origin}`` in
the command's words replaced, and exits with the command's status.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

_PACKAGE = Path(__file__).parent
_IN_CHECKOUT = _PACKAGE.parent / "data" / "sample"
# An installed package has its own copy (pyproject.toml).
SAMPLE = _IN_CHECKOUT if _IN_CHECKOUT.is_dir() else _PACKAGE / "sample"

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def read_pages(folder: Path = SAMPLE) -> dict[str, bytes]:
    """Return the pages of a folder by the path under which they are served, robots.txt included."""
    files = [*folder.glob("*/news/*.md"), *folder.glob("robots.txt")]
    return {f"/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}


def handler(pages: Mapping[str, bytes], latency: float = 0.0) -> Handler:
    """Return what answers a request: a page in its Markdown or flattened form, 304, or 404.

    ``latency`` is how many seconds each answer takes.
    """

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if latency:
            await asyncio.sleep(latency)
        path = request.path
        if path.endswith("/llms.txt"):
            content = pages.get(path.removesuffix("/llms.txt") + ".md")
            content = content and b" ".join(content.split())
        else:
            content = pages.get(path)
        if content is None:
            return web.Response(status=404, text="not found\n")
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        kind = "text/markdown" if path.endswith(".md") else "text/plain"
        return web.Response(body=content, content_type=kind, charset="utf-8", headers={"ETag": etag})

    return answer


@contextmanager
def serve(answer: Handler, port: int = 0) -> Iterator[str]:
    """Serve on the loopback interface, in a thread of its own; yield the origin.

    Port 0 takes a free one.
    """
    loop = asyncio.new_event_loop()

    async def start() -> web.ServerRunner:
        runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    thread = threading.Thread(target=loop.run_forever, name="sample-site", daemon=True)
    thread.start()
    try:
        runner = asyncio.run_coroutine_threadsafe(start(), loop).result(timeout=10)
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


def main() -> int:
    """Serve ``data/sample``, or run a command against it."""
    parser = argparse.ArgumentParser(description="Serve the sample site on a local port.")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="run while the site is served")
    options = parser.parse_args()
    try:
        with serve(handler(read_pages()), options.port) as origin:
            if options.command:
                words = [word.replace("{origin}", origin) for word in options.command]
                return subprocess.run(words, check=False).returncode  # noqa: S603  # the caller's own
            print(f"{origin}/en/news/290118204.md  (Ctrl-C ends it)", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
