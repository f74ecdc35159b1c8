"""A wheel in an environment without the checkout: the same crawl, from an empty folder."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import ROOT, Record, comparable, environment
from tests.tools.checkout import START, copy_checkout, left_in

SPEED = (
    "DOWNLOAD_DELAY=0",
    "CONCURRENT_REQUESTS=8",
    "CONCURRENT_REQUESTS_PER_DOMAIN=8",
)


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment that the wheel is installed in, and an empty folder to work in."""

    programs: Path
    folder: Path

    def run(self, *words: str | Path) -> str:
        """Run a program of the environment; return what it printed."""
        path = f"{self.programs}:/usr/bin:/bin"
        done = subprocess.run(
            [self.programs / words[0], *words[1:]],
            cwd=self.folder,
            env=environment(PATH=path, PYTHONPATH="", SCRAPY_SETTINGS_MODULE="newscrawl.settings"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _pip(*words: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, words)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel and install it; what it needs comes from the environment of these tests."""
    folder = tmp_path_factory.mktemp("wheel")
    source = copy_checkout(folder / "source")
    _pip("wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation", "-w", folder / "wheels", source)
    (wheel,) = (folder / "wheels").iterdir()
    home = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    programs = home / "bin"
    (site_packages,) = home.glob("lib/python*/site-packages")
    (site_packages / "tools.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    _pip("--python", programs / "python", "install", "-q", "--no-deps", "--no-index", wheel)
    # As pip writes it, were Scrapy installed here.
    script = programs / "scrapy"
    script.write_text(
        f"#!{programs / 'python'}\nimport sys\nfrom scrapy.cmdline import execute\nsys.exit(execute())\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    (folder / "empty").mkdir()
    return Installed(programs, folder / "empty")


def test_the_checkout_is_not_in_sight(installed: Installed) -> None:
    code = "import sys, newscrawl; print(newscrawl.__file__, *sys.path, sep='\\n')"
    where, *path = installed.run("python", "-c", code).splitlines()
    assert Path(where).is_relative_to(installed.programs.parent)
    assert str(ROOT) not in path


def test_all_that_it_needs_is_named(installed: Installed) -> None:
    _pip("--python", installed.programs / "python", "check")


def test_crawl_of_the_sample_site(installed: Installed, expected: list[Record]) -> None:
    words = [word for setting in SPEED for word in ("-s", setting)]
    installed.run(
        *("python", "-m", "newscrawl.sample_site", "scrapy", "crawl", "longbridge"),
        *("-a", f"url={{origin}}{START}", "-a", "depth=3", *words),
    )
    # Without scrapy.cfg the data folder is relative to the working folder.
    found = left_in(installed.folder / "data")
    assert comparable(found.lines()) == expected
    assert found.manifest["verdict"] == {
        "status": 0,
        "word": "done",
        "text": "everything that was asked for",
    }
    assert "89 lines" in installed.run("scrapy", "head")
    assert "89 articles, 89 versions" in installed.run("scrapy", "status")
    assert [path.name for path in installed.folder.iterdir()] == ["data"]


def test_symbols(installed: Installed) -> None:
    assert "HKEX Stock Code Allocation Plan" in installed.run("scrapy", "symbol", "700.HK")
