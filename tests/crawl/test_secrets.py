"""Whole commands with passwords in their settings and environment: none is printed, logged or written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from newscrawl.proxies import wrong_proxy
from newscrawl.sample_site import handler, read_pages, serve
from tests.crawl.crawl_runs import QUICK, ROOT, SINGLE, Run, environment, run, run_scrapy
from tests.postgres import database

MARKER = "hunter2"
LOUD = ("-s", "LOG_LEVEL=DEBUG")
SECRETS = (
    *("-s", f"FTP_PASSWORD={MARKER}", "-s", f"AWS_SECRET_ACCESS_KEY={MARKER}", "-s", f"MY_TOKEN={MARKER}"),
    *("-s", f"REPORTS_TO=https://{MARKER}@reports.example/1"),
)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serve(handler(read_pages())) as origin:
        yield f"{origin}/en/news/290118204.md"


def assert_hidden(found: Run) -> None:
    """No output and no file has the marker."""
    assert MARKER not in found.stdout
    assert MARKER not in found.stderr
    for path in found.folder.rglob("*"):
        assert MARKER not in str(path)
        assert path.is_dir() or MARKER.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("parameter", ["", "sslpassword=hunter2"], ids=["login", "parameter"])
def test_a_password_of_the_state_is_shown_by_no_command(
    site: str, tmp_path: Path, postgres_url: str, parameter: str
) -> None:
    url = database(postgres_url, f"secrets_{len(parameter)}").replace("postgres:@", f"postgres:{MARKER}@")
    assert MARKER in url
    state = (*LOUD, *SECRETS, "-s", f"STATE_URL={url}&{parameter}".rstrip("&"))
    found = run(("crawl", "longbridge", "-a", f"url={site}", *SINGLE, *state), tmp_path)
    assert found.status == 0, found.stderr
    assert "'FTP_PASSWORD': '…'" in found.stderr
    assert_hidden(found)
    for verb in (("status",), ("retry",), ("publish",), ("head",), ("rebuild",)):
        told = run((*verb, *state), tmp_path)
        # The state is in order.
        assert told.status == (1 if verb == ("rebuild",) else 0), told.stderr
        assert_hidden(told)
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert tables
        for (name,) in tables:
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            assert MARKER not in repr(rows)


@pytest.mark.parametrize(
    ("url", "status", "shown"),
    [
        (f"postgresql://user:{MARKER}@127.0.0.1:1/x", 1, "cannot be used"),
        (f"postgresql://user@127.0.0.1:1/x?password={MARKER}&sslpassword={MARKER}", 1, "cannot be used"),
        (f"postgresql://user:%{MARKER}@127.0.0.1:1/x", 2, "cannot be read"),
        (f"postgresql://user:a@{MARKER}@127.0.0.1:1/x", 2, "cannot be read"),
        (f"postgresql://user:1/{MARKER}@127.0.0.1:1/x", 2, "cannot be read"),
        (f"Postgresql://user:{MARKER}@127.0.0.1:1/x", 2, "found Postgresql://…"),
        (f"host=127.0.0.1 port=1 password={MARKER}", 2, "found no scheme"),
        (f"sqlite:///x.db?password={MARKER}", 2, "found sqlite://…"),
    ],
)
def test_a_state_that_cannot_be_opened_is_told_without_its_password(
    site: str, tmp_path: Path, url: str, status: int, shown: str
) -> None:
    state = (*LOUD, "-s", f"STATE_URL={url}", "-s", "STATE_TIMEOUT=0")
    for verb in (("crawl", "longbridge", "-a", f"url={site}"), ("status",)):
        found = run((*verb, *state), tmp_path)
        assert found.status == (status if verb[0] == "crawl" else 1)
        assert shown in found.stderr
        assert "Traceback" not in found.stderr
        assert_hidden(found)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql://user:{MARKER}@127.0.0.1:1/x", "cannot be used"),
        (f"postgresql://user:%{MARKER}@127.0.0.1:1/x", "cannot be read"),
    ],
)
def test_nor_by_another_command_or_from_the_environment(tmp_path: Path, url: str, shown: str) -> None:
    found = run(("rebuild", *LOUD, "-s", f"STATE_URL={url}", "-s", "STATE_TIMEOUT=0"), tmp_path)
    assert (found.status, shown in found.stderr) == (1, True)
    assert_hidden(found)
    told = run(("status", "-s", "STATE_TIMEOUT=0"), tmp_path, {"NEWSCRAWL_STATE_URL": url})
    assert (told.status, shown in told.stderr) == (1, True)
    assert_hidden(told)
    assert_hidden(run(("settings", "--get", "STATE_URL"), tmp_path, {"NEWSCRAWL_STATE_URL": url}))


@pytest.mark.parametrize("option", ["--get", "--getlist"])
def test_the_command_that_shows_settings_shows_no_password(tmp_path: Path, option: str) -> None:
    url = f"postgresql://user:{MARKER}@db.example/news"
    for name in ("STATE_URL", "FTP_PASSWORD", "MY_TOKEN", "REPORTS_TO"):
        found = run(("settings", option, name, *SECRETS, "-s", f"STATE_URL={url}"), tmp_path)
        assert (found.status, "…" in found.stdout) == (0, True)
        assert_hidden(found)
    assert run(("settings", "--get", "STATE_URL"), tmp_path).stdout.strip() == (
        "sqlite:///{DATA_DIR}/state/newscrawl.db"
    )
    assert run(("settings", "--get", "BOT_NAME"), tmp_path).stdout.strip() == "newscrawl"


def test_the_password_of_a_proxy_is_not_shown(site: str, tmp_path: Path) -> None:
    proxies = {
        "http_proxy": f"http://user:{MARKER}@127.0.0.1:1",
        "HTTPS_PROXY": f"http://{MARKER}:x@127.0.0.1:1",
    }
    words = ("crawl", "longbridge", "-a", f"url={site}", *SINGLE, *LOUD, "-s", "RETRY_TIMES=0")
    found = run(words, tmp_path, proxies)
    assert found.status == 1
    # The proxy was asked, and nobody was there.
    assert "127.0.0.1:1" in found.stderr or "ConnectionRefused" in found.stderr, found.stderr
    assert_hidden(found)


@pytest.mark.parametrize(
    "proxy",
    [f"http://user:a/{MARKER}@127.0.0.1:1", f"http://user:{MARKER}", f"http://user:1/{MARKER}@127.0.0.1:1"],
)
def test_a_proxy_that_would_show_its_password_is_refused(site: str, tmp_path: Path, proxy: str) -> None:
    found = run(
        ("crawl", "longbridge", "-a", f"url={site}", *QUICK), tmp_path / "data", {"http_proxy": proxy}
    )
    assert (found.status, len(found.stderr.splitlines())) == (2, 1)
    assert "http_proxy: expected" in found.stderr
    assert_hidden(found)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://proxy.example:3128",
        "http://user:p%40ss@proxy.example:3128/",
        "https://user@proxy.example",
        "proxy.example:3128",
        "http://[::1]:3128",
        "/var/run/docker.sock",
        "",
    ],
)
def test_other_proxies_are_accepted(proxy: str) -> None:
    assert wrong_proxy({"http": proxy, "https": proxy, "all": "whatever @ it is"}) is None


def test_a_file_of_the_system_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "shadow"
    file.write_text(f"root:{MARKER}:19700\n", encoding="utf-8")
    words = ("crawl", "longbridge", "-a", f"url=@{file}", *LOUD, "-s", f"LOG_FILE={tmp_path}/log")
    found = run_scrapy((*words, "-s", f"DATA_DIR={tmp_path}/data"), ROOT, environment(), tmp_path / "data")
    assert found.status == 2
    for text in (found.stderr, Path(f"{tmp_path}/log").read_text(encoding="utf-8")):
        assert MARKER not in text
        assert "line 1 of" in text
    assert not os.path.lexists(found.folder)
