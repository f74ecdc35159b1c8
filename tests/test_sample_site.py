"""The sample site, as a library and as a command."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import cast

import pytest

from newscrawl.sample_site import SAMPLE, handler, read_pages, serve

ROOT = SAMPLE.parents[1]
PAGE = "/en/news/290118204.md"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with serve(handler(read_pages())) as found:
        yield found


def _get(url: str, **headers: str) -> tuple[int, bytes, HTTPResponse | urllib.error.HTTPError]:
    request = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with cast("HTTPResponse", opener.open(request, timeout=10)) as response:
            return response.status, response.read(), response
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error


def test_all_pages_are_there() -> None:
    pages = read_pages()
    files = {f"/{path.relative_to(SAMPLE).as_posix()}" for path in SAMPLE.rglob("*.md")} - {"/README.md"}
    assert set(pages) == {*files, "/robots.txt"}
    assert len(files) == 89


def test_loopback_only(origin: str) -> None:
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", origin)


def test_page(origin: str) -> None:
    status, body, response = _get(origin + PAGE)
    assert (status, body) == (200, SAMPLE.joinpath(PAGE[1:]).read_bytes())
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert re.fullmatch(r'"[0-9a-f]{16}"', response.headers["ETag"])
    assert response.headers["Date"]


def test_robots(origin: str) -> None:
    status, body, response = _get(f"{origin}/robots.txt")
    assert (status, body) == (200, SAMPLE.joinpath("robots.txt").read_bytes())
    assert response.headers["Content-Type"].startswith("text/plain")


def test_flattened(origin: str) -> None:
    status, body, _ = _get(f"{origin}/en/news/290118204/llms.txt")
    assert status == 200
    assert b"\n" not in body
    assert body.split() == SAMPLE.joinpath(PAGE[1:]).read_bytes().split()


def test_not_modified(origin: str) -> None:
    tag = _get(origin + PAGE)[2].headers["ETag"]
    status, body, response = _get(origin + PAGE, If_None_Match=tag)
    assert (status, body, response.headers["ETag"]) == (304, b"", tag)
    assert _get(origin + PAGE, If_None_Match='"other"')[0] == 200
    assert _get(f"{origin}/zh-CN/news/290118204.md", If_None_Match=tag)[0] == 200


@pytest.mark.parametrize(
    "path", ["/", "/en/news/297512125.md", "/README.md", "/en/news/1/llms.txt", "/../README.md"]
)
def test_not_there(origin: str, path: str) -> None:
    assert _get(origin + path)[0] == 404


def test_other_pages(tmp_path: Path) -> None:
    (tmp_path / "en" / "news").mkdir(parents=True)
    (tmp_path / "en" / "news" / "7.md").write_bytes(b"---\n")
    with serve(handler(read_pages(tmp_path))) as one, serve(handler({"/x.md": b"1"})) as other:
        assert _get(f"{one}/en/news/7.md")[1] == b"---\n"
        assert _get(f"{other}/x.md")[1] == b"1"
        assert _get(f"{other}/en/news/7.md")[0] == 404
    with pytest.raises(urllib.error.URLError):
        _get(f"{other}/x.md")


def test_a_command_while_it_serves() -> None:
    code = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).status); sys.exit(7)"
    words = [sys.executable, "-m", "newscrawl.sample_site", sys.executable, "-c", code, "{origin}" + PAGE]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (7, "200\n"), done.stderr


def test_serving_until_it_is_stopped() -> None:
    # Where tests run in the background of a shell, Ctrl-C is ignored, and what they start inherits that.
    code = (
        "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "runpy.run_module('newscrawl.sample_site', run_name='__main__')"
    )
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[0]
            assert _get(url)[0] == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        finally:
            process.kill()
