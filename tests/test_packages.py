"""What is packed: all of the package, and where Scrapy's tools find its settings."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

ROOT = Path(__file__).parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKED = PYPROJECT["tool"]["setuptools"]
# It has a folder elsewhere in a checkout.
SAMPLE = "newscrawl.sample"


def _name(folder: Path) -> str:
    return ".".join(folder.relative_to(ROOT).parts)


def test_every_package_is_named() -> None:
    folders = {path.parent for path in (ROOT / "newscrawl").rglob("*.py")}
    # A folder without this file is no package to the tools that pack.
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
    assert PACKED["packages"] == sorted({*map(_name, folders), SAMPLE})


def test_every_data_file_is_packed() -> None:
    data = [path for path in (ROOT / "newscrawl").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {path.suffix for path in data} == {".py", ".csv"}
    assert PACKED["package-data"]["newscrawl"] == ["*.csv", "**/*.csv"]


def test_the_sample_site_is_packed() -> None:
    folder = ROOT / PACKED["package-dir"][SAMPLE]
    packed = {path for pattern in PACKED["package-data"][SAMPLE] for path in folder.glob(pattern)}
    # Its own page is for a checkout.
    assert packed == {path for path in folder.rglob("*") if path.is_file()} - {folder / "README.md"}


def test_the_settings_are_found() -> None:
    # scrapyd reads the entry point; in a checkout it is scrapy.cfg.
    (module,) = PYPROJECT["project"]["entry-points"]["scrapy"].values()
    settings = Settings()
    settings.setmodule(module, priority="project")
    assert settings["BOT_NAME"] == "newscrawl"
    assert f"default = {module}" in (ROOT / "scrapy.cfg").read_text(encoding="utf-8").splitlines()
