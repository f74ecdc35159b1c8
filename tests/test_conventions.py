"""The conventions of this project, held to the code."""

from __future__ import annotations

import ast
import importlib
import keyword
import os
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings, Settings, default_settings
from scrapy.utils.misc import load_object, walk_modules_iter

from newscrawl.components import (
    ADDON,
    COMPONENTS,
    DEFAULTS,
    EXPORTERS,
    QUEUE_SCHEDULER,
    SCRAPY_SCHEDULER,
    install,
)
from newscrawl.spiders.longbridge import LongbridgeSpider

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "newscrawl"
SETTINGS = PACKAGE / "settings.py"
# What of the settings is there for our own spiders only.
OURS = PACKAGE / "components.py"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE = 300


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


# --- Settings -------------------------------------------------------------------------------------

# Dicts of components: by name, with a place in a row, or None for one of Scrapy's own left out.
KINDS = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "EXTENSIONS")
# They name the project and its parts; there is nothing to explain.
NAMES = {"BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE"}


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """What settings.py says where the environment adds nothing."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
    with mock.patch.dict(os.environ, clean, clear=True):
        values = runpy.run_path(str(SETTINGS))
    return {name: value for name, value in values.items() if name.isupper() and not name.startswith("_")}


def _effective(settings: dict[str, Any], spider: type[Spider]) -> BaseSettings:
    """What a crawl of a spider has: settings.py above Scrapy's defaults, changed by the add-on."""
    crawler = Crawler(spider, Settings(settings, priority="project"))
    # As Scrapy does before it makes anything of them.
    crawler.addons.load_settings(crawler.settings)
    return crawler.settings


@pytest.fixture(scope="module")
def effective(settings: dict[str, Any]) -> BaseSettings:
    """What a crawl of this project has."""
    return _effective(settings, LongbridgeSpider)


@pytest.fixture(scope="module")
def of_others(settings: dict[str, Any]) -> BaseSettings:
    """What a crawl of a spider of another kind has in this project."""
    return _effective(settings, Spider)


def test_the_tables_of_components_are_known(settings: dict[str, Any]) -> None:
    assert tuple(COMPONENTS) == KINDS
    # What settings.py says holds for all spiders of the project, and our pipelines let other items pass.
    assert {kind for kind in KINDS if kind in settings} == {"ITEM_PIPELINES"}
    assert COMPONENTS["ITEM_PIPELINES"] == settings["ITEM_PIPELINES"]
    assert set(settings["ADDONS"]) == {ADDON}
    assert settings["SCHEDULER"] == QUEUE_SCHEDULER
    assert [name for name in DEFAULTS if name in settings or name in KINDS] == []


@pytest.mark.parametrize("kind", KINDS)
def test_components_load(kind: str) -> None:
    assert COMPONENTS[kind]
    for component in COMPONENTS[kind]:
        assert isinstance(load_object(component), type), component


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_on_by_default_is_left_out(kind: str) -> None:
    base = getattr(default_settings, f"{kind}_BASE", {})
    assert [name for name, place in COMPONENTS[kind].items() if place is None and name not in base] == []


@pytest.mark.parametrize("kind", KINDS)
def test_places_are_unique_and_in_order(kind: str) -> None:
    places = [place for place in COMPONENTS[kind].values() if place is not None]
    assert places == sorted(set(places))


@pytest.mark.parametrize("kind", KINDS)
def test_a_crawl_has_the_components(kind: str, effective: BaseSettings) -> None:
    found = effective.getdict(kind)
    # Beside these only what is switched off is named: then Scrapy need not load it.
    base = getattr(default_settings, f"{kind}_BASE", {})
    others = {name: place for name, place in found.items() if name not in COMPONENTS[kind]}
    assert all(place is None and name in base for name, place in others.items())
    assert {name: found[name] for name in COMPONENTS[kind]} == COMPONENTS[kind]


def test_what_is_switched_on_is_there() -> None:
    settings = Settings({"COOKIES_ENABLED": True}, priority="cmdline")
    LongbridgeSpider.update_settings(settings)
    install(settings)
    found = settings.getdict("DOWNLOADER_MIDDLEWARES")
    assert "scrapy.downloadermiddlewares.cookies.CookiesMiddleware" not in found
    assert found["scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_other_spiders_have_the_components_of_scrapy(
    kind: str, of_others: BaseSettings, settings: dict[str, Any]
) -> None:
    assert of_others.getdict(kind) == settings.get(kind, {})


def test_other_parts_load(settings: dict[str, Any], effective: BaseSettings) -> None:
    parts = [effective["LOG_FORMATTER"], effective["SCHEDULER"], *EXPORTERS.values(), *settings["ADDONS"]]
    assert effective["LOG_FORMATTER"] == DEFAULTS["LOG_FORMATTER"]
    assert effective["SCHEDULER"] == QUEUE_SCHEDULER
    assert EXPORTERS.items() <= effective.getwithbase("FEED_EXPORTERS").items()
    for part in parts:
        assert isinstance(load_object(part), type), part
    for name in settings["SPIDER_MODULES"]:
        assert list(walk_modules_iter(name))


def test_other_spiders_have_the_defaults_of_scrapy(of_others: BaseSettings) -> None:
    assert of_others["SCHEDULER"] == SCRAPY_SCHEDULER == default_settings.SCHEDULER
    for name in (*DEFAULTS, "FEED_EXPORTERS"):
        found = of_others[name]
        assert (dict(found) if isinstance(found, Mapping) else found) == getattr(default_settings, name), name


def test_verbs_are_modules_that_can_be_imported(settings: dict[str, Any]) -> None:
    folder = PACKAGE / "commands"
    assert settings["COMMANDS_MODULE"] == "newscrawl.commands"
    names = sorted(path.stem for path in folder.iterdir() if path.suffix == ".py" and path.stem != "__init__")
    # A file is named like its verb: `rebuild-state` could be typed, and not be imported.
    assert [name for name in names if not name.isidentifier() or keyword.iskeyword(name)] == []
    commands = list(walk_modules_iter(settings["COMMANDS_MODULE"]))[1:]
    assert sorted(module.__name__.rpartition(".")[2] for module in commands) == names
    assert [module.__name__ for module in commands if not hasattr(module, "Command")] == []
    # Those that speak of themselves say their own name.
    names_told = [(module.__name__, getattr(module.Command, "name", None)) for module in commands]
    assert [told for told in names_told if told[1] not in (None, told[0].rpartition(".")[2])] == []


def test_every_setting_is_known_to_somebody(settings: dict[str, Any]) -> None:
    # A setting with a slip in its name does nothing, without a word.
    for declared, where in ((settings, SETTINGS), (DEFAULTS, OURS)):
        used = {
            node.value
            for path in MODULES
            if path != where
            for node in ast.walk(_tree(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        unknown = [name for name in declared if not hasattr(default_settings, name) and name not in used]
        assert unknown == []


# They hold for every spider of the project: the site is the same, whoever asks.
POLITE_AND_SAFE: dict[str, object] = {
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY_JITTER": 0,
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
}
# These for our spiders; others may need them.
OF_OURS: dict[str, object] = {
    "COOKIES_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REFERER_ENABLED": False,
}


@pytest.mark.parametrize(("name", "value"), {**POLITE_AND_SAFE, **OF_OURS}.items())
def test_politeness_and_safety(name: str, value: object, effective: BaseSettings) -> None:
    assert effective[name] == value
    assert hasattr(default_settings, name)


@pytest.mark.parametrize(("name", "value"), POLITE_AND_SAFE.items())
def test_politeness_and_safety_of_other_spiders(name: str, value: object, of_others: BaseSettings) -> None:
    assert of_others[name] == value


@pytest.fixture(params=["ours", "another"])
def of_any(request: pytest.FixtureRequest, effective: BaseSettings, of_others: BaseSettings) -> BaseSettings:
    """What a crawl of any spider of the project has."""
    return effective if request.param == "ours" else of_others


def test_a_second_between_requests_at_least(of_any: BaseSettings) -> None:
    assert of_any.getfloat("DOWNLOAD_DELAY") >= 1
    # Nothing but these may lower it for one site.
    assert not of_any["DOWNLOAD_SLOTS"]
    assert not of_any.getbool("AUTOTHROTTLE_ENABLED")


def test_agent_says_who_asks(of_any: BaseSettings) -> None:
    assert of_any["USER_AGENT"].startswith("newscrawl/")
    assert of_any["ROBOTSTXT_USER_AGENT"] == "newscrawl"


def test_only_http_and_https_can_be_asked(of_any: BaseSettings) -> None:
    handlers = of_any.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler is not None} == {"http", "https"}


def _assignments(path: Path) -> Iterator[tuple[str, ast.expr, int, int]]:
    """Yield each constant of a file with its value and its first and last line, from 1."""
    for node in _tree(path).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name) and target.id.isupper() and not target.id.startswith("_"):
                yield target.id, node.value, node.lineno, node.end_lineno or node.lineno


def _entries(path: Path, table: str) -> Iterator[tuple[str, int, int]]:
    """Yield each key of a dict of a file with the first and last line of the entry."""
    (found,) = (value for name, value, _, _ in _assignments(path) if name == table)
    assert isinstance(found, ast.Dict)
    for key, value in zip(found.keys, found.values, strict=True):
        assert isinstance(key, ast.Constant)
        yield str(key.value), key.lineno, value.end_lineno or value.lineno


def _is_explained(lines: list[str], first: int, last: int) -> bool:
    """Tell whether a comment stands inside, above in the same group, or as the head of the group."""
    if any(line.lstrip().startswith("#") for line in lines[first - 1 : last]):
        return True
    line = lines[first - 1]
    comment = line[: len(line) - len(line.lstrip())] + "#"
    above = first - 1
    while above > 0 and lines[above - 1].strip():
        above -= 1
        if lines[above].startswith(comment):
            return True
        if not lines[above].startswith(comment[:-1]):
            # The head of the table in which the entry stands.
            return False
    while above > 0 and not lines[above - 1].strip():
        above -= 1
    return above > 0 and lines[above - 1].startswith("# ---")


def _bare(path: Path, places: Iterable[tuple[str, int, int]]) -> list[str]:
    """Name what is not explained."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{name}, line {first}" for name, first, last in places if not _is_explained(lines, first, last)]


_MISSING = object()


def _departs(name: str, value: object) -> bool:
    return bool(value != getattr(default_settings, name, _MISSING))


def test_every_departure_from_a_default_has_its_reason(settings: dict[str, Any]) -> None:
    places = [
        (name, first, last)
        for name, _, first, last in _assignments(SETTINGS)
        if name not in NAMES and _departs(name, settings[name])
    ]
    assert places
    assert _bare(SETTINGS, places) == []


def test_every_departure_for_our_spiders_has_its_reason(settings: dict[str, Any]) -> None:
    defaults = list(_entries(OURS, "DEFAULTS"))
    assert [name for name, _, _ in defaults] == list(DEFAULTS)
    kinds = list(_entries(OURS, "COMPONENTS"))
    assert [name for name, _, _ in kinds] == list(KINDS)
    exporters = [place for name, _, *place in _assignments(OURS) if name == "EXPORTERS"]
    bare = _bare(OURS, [entry for entry in defaults if _departs(entry[0], DEFAULTS[entry[0]])])
    # Those of settings.py are explained there.
    bare += _bare(OURS, [entry for entry in kinds if COMPONENTS[entry[0]] != settings.get(entry[0])])
    bare += _bare(OURS, [("EXPORTERS", first, last) for first, last in exporters])
    assert len(exporters) == 1
    assert bare == []


def test_a_missing_reason_is_found() -> None:
    text = "# A reason.\nA = 1\nB = 2\n\nC = 3\nT = {\n    'D': 4,\n    # Another.\n    'E': 5,\n}\n"
    lines = text.splitlines()
    found = [_is_explained(lines, number, number) for number in (2, 3, 5, 7, 9)]
    assert found == [True, True, False, False, True]


# --- Packages -------------------------------------------------------------------------------------

# What reads text and values: usable without a crawler, from a REPL.
PLAIN = (
    "sites", "refine", "reference", "symbols", "text", "items.py", "http_info.py", "named_in_text.py",
    "codes.py",
    "exceptions.py", "shown.py",
)  # fmt: skip
PLAIN_MODULES = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] in PLAIN]
PLAIN_NAMES = tuple(f"newscrawl.{part.removesuffix('.py')}" for part in PLAIN)


def _imports(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, at its top or anywhere below."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            if node.module == "newscrawl":
                yield from (f"newscrawl.{alias.name}" for alias in node.names)
            else:
                yield node.module


def test_every_plain_package_is_there() -> None:
    assert {path.relative_to(PACKAGE).parts[0] for path in PLAIN_MODULES} == set(PLAIN)


@pytest.mark.parametrize("path", PLAIN_MODULES, ids=_name)
def test_plain_packages_know_no_crawler(path: Path) -> None:
    found = set(_imports(path))
    assert {name for name in found if name.partition(".")[0] in ("scrapy", "twisted", "aiohttp")} == set()
    # Nor through a module that does.
    own = {name for name in found if name.startswith("newscrawl")}
    assert {name for name in own if not name.startswith(PLAIN_NAMES)} == set()


@pytest.mark.parametrize(
    "path", [path for path in PLAIN_MODULES if path.parent.name in ("symbols", "text")], ids=_name
)
def test_symbols_and_texts_know_no_sites(path: Path) -> None:
    assert {name for name in _imports(path) if name.startswith("newscrawl.sites")} == set()


# Code that runs in a thread while the state is opened, never on the event loop: it may wait.
MAY_SLEEP = {
    ("newscrawl/database/sqlite.py", "_check_size"),
    ("newscrawl/database/sqlite.py", "_use_wal"),
    ("newscrawl/database/sqlite.py", "try_lock"),
}


def _inside(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield each node of a file with the name of the function that it stands in, the innermost one."""
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        name, node = waiting.pop()
        yield name, node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            name = node.name
        waiting += [(name, part) for part in ast.iter_child_nodes(node)]


def _sleeps(tree: ast.Module) -> Iterator[str]:
    """Yield the functions that use ``time.sleep``, under whatever name."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name == "sleep"
    }
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "time"
    }
    for function, node in _inside(tree):
        if isinstance(node, ast.Name) and node.id in names:
            yield function
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "sleep"
            and isinstance(node.value, ast.Name)
            and node.value.id in modules
        ):
            yield function


def test_nothing_on_the_event_loop_sleeps() -> None:
    found = {(_name(path), function) for path in MODULES for function in _sleeps(_tree(path))}
    assert found == MAY_SLEEP


def test_a_sleep_is_found_under_any_name() -> None:
    for code in (
        "import time\ndef f():\n    time.sleep(1)",
        "import time as clock\nasync def f():\n    clock.sleep(1)",
        "from time import monotonic, sleep\ndef f():\n    sleep(1)",
        "from time import sleep as wait\ndef f():\n    (lambda: wait(1))()",
    ):
        assert list(_sleeps(ast.parse(code))) == ["f"]
    assert list(_sleeps(ast.parse("import asyncio\nasync def f():\n    await asyncio.sleep(1)"))) == []


# A uid is opaque outside of the site that made it. What parts other texts at a colon is named here.
PARTS_AT_COLONS: set[tuple[str, str]] = set()
# Frozen: it knows the uids of the version that it leads away from.
MIGRATIONS = {"newscrawl/database/addresses.py"}
_PARTING = {"split", "rsplit", "partition", "rpartition"}


def _partings(tree: ast.Module) -> Iterator[str]:
    """Yield the functions that part a text at a colon."""
    for function, node in _inside(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _PARTING
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and node.args[0].value == ":"
        ):
            yield function


def test_no_uid_is_taken_apart_outside_of_sites() -> None:
    found = {
        (name, function)
        for path in MODULES
        if not (name := _name(path)).startswith("newscrawl/sites/") and name not in MIGRATIONS
        for function in _partings(_tree(path))
    }
    assert found == PARTS_AT_COLONS


def test_base_tells_only_the_site_of_a_uid() -> None:
    assert list(_partings(_tree(PACKAGE / "sites" / "base.py"))) == ["source_of"]


# Statements have names, and stand together.
STATEMENTS = "newscrawl/database/statements/"
# Migrations are history. At the top of the one, and in the one function of the other.
SQL_ELSEWHERE = {("newscrawl/database/schema.py", ""), ("newscrawl/database/addresses.py", "add_addresses")}
# Words that no other text of ours has in capitals.
_SQL = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|WHERE|VALUES|RETURNING|UNION|CONFLICT|LIMIT"
    r"|BEGIN|ROLLBACK|(GROUP|ORDER) BY|JOIN \w+( \w+)? ON|FOR SHARE)\b|\bpg_\w+\("
)


def _sql(tree: ast.Module) -> Iterator[str]:
    """Yield the functions that hold a text with SQL in it; docstrings do not count."""
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for function, node in _inside(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in texts
            and _SQL.search(node.value)
        ):
            yield function


def test_sql_stands_in_one_place() -> None:
    found = {
        (name, function)
        for path in MODULES
        if not (name := _name(path)).startswith(STATEMENTS)
        for function in _sql(_tree(path))
    }
    assert found == SQL_ELSEWHERE


def test_sql_is_found_in_any_text() -> None:
    for text in (
        "'SELECT 1'",
        "f'UPDATE page SET state = {state}'",
        "x + ' FOR UPDATE'",
        "'DELETE ' 'FROM page'",
        "'''\n  INSERT INTO page'''",
        "f'{x} ORDER BY uid'",
    ):
        assert "f" in set(_sql(ast.parse(f"def f(x):\n    return {text}"))), text
    assert list(_sql(ast.parse("def f():\n    'SELECT 1'\n    return 'select an update'"))) == []


# itemadapter, below itemloaders, takes Scrapy in where it finds it: here it finds none.
_WITHOUT_SCRAPY = """
import sys
from pathlib import Path
sys.modules["scrapy"] = sys.modules["twisted"] = None
from newscrawl.refine import refine
from newscrawl.sites.longbridge import LONGBRIDGE
content = Path("data/sample/en/news/290118204.md").read_bytes()
article = LONGBRIDGE.read_at("https://longbridge.com/en/news/290118204.md", content)
print(refine(article, LONGBRIDGE).uid)
assert not [name for name in sys.modules if name.startswith(("scrapy.", "twisted."))]
"""


def test_pages_are_read_where_scrapy_is_not_installed() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _WITHOUT_SCRAPY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.stdout.strip(), result.stderr) == ("longbridge:290118204:en", "")


# Loading pandas takes longer than all the rest of a start. Only the tables of trading days are made with it.
_EVERY_MODULE = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
heavy = {"pandas", "numpy", "exchange_calendars"}
print(len(sys.argv) - 1, *sorted(heavy & sys.modules.keys()))
"""


def test_the_package_loads_without_pandas() -> None:
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in MODULES]
    names = [name.removesuffix(".__init__") for name in names]
    result = subprocess.run(
        [sys.executable, "-c", _EVERY_MODULE, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.stdout.split(), result.stderr) == ([str(len(MODULES))], "")


# --- Words ----------------------------------------------------------------------------------------

# Methods that Scrapy calls or defines: their documentation is Scrapy's, or their class's.
HOOKS = {
    # Every component.
    "from_crawler",
    "open",
    "close",
    # Schedulers.
    "enqueue_request",
    "has_pending_requests",
    "next_request",
    # Middlewares and pipelines.
    "process_exception",
    "process_item",
    "process_request",
    "process_response",
    "open_spider",
    "close_spider",
    # Spiders.
    "parse",
    "start",
    "update_settings",
    # Exporters.
    "export_item",
    "serialize_field",
    # Log formatters.
    "crawled",
    "download_error",
    "dropped",
    "item_error",
    "scraped",
    "spider_error",
    # Commands; `check` is documented in command_line.py, where it is called.
    "add_options",
    "check",
    "long_desc",
    "process_options",
    "run",
    "short_desc",
    "syntax",
}


def _undocumented(node: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    for part in node.body:
        if not isinstance(part, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if part.name.startswith("_"):
            continue
        is_hook = isinstance(node, ast.ClassDef) and part.name in HOOKS
        if not ast.get_docstring(part) and not is_hook:
            yield prefix + part.name
        if isinstance(part, ast.ClassDef):
            yield from _undocumented(part, f"{prefix}{part.name}.")


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_everything_public_is_documented(path: Path) -> None:
    tree = _tree(path)
    assert ast.get_docstring(tree), "no docstring at the top"
    assert list(_undocumented(tree)) == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_every_module_loads(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    importlib.import_module(".".join(parts).removesuffix(".__init__"))


# --- Dependencies ---------------------------------------------------------------------------------

_PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [Requirement(text) for text in _PYPROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(text) for text in _PYPROJECT["dependency-groups"]["dev"]]
# Other people's, in an environment of their own.
TOOLS = [Requirement(text) for text in _PYPROJECT["dependency-groups"]["tools"]]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))


def _pins(name: str) -> dict[str, set[str]]:
    """Return the versions that a lock file pins; markers may give a package more than one."""
    pins: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith(("--hash=", "#")):
            continue
        pin = Requirement(line.removesuffix("\\").strip())
        (specifier,) = pin.specifier
        assert specifier.operator == "==", line
        pins.setdefault(canonicalize_name(pin.name), set()).add(specifier.version)
    return pins


def _unmet(requirements: list[Requirement], pins: Mapping[str, set[str]]) -> list[str]:
    return [
        f"{requirement}: {version}"
        for requirement in requirements
        for version in sorted(pins.get(canonicalize_name(requirement.name), ()))
        if version not in requirement.specifier
    ]


def test_lock_files_are_there() -> None:
    names = (
        "requirements-dev.lock",
        "requirements-fuzz.lock",
        "requirements-oldest.lock",
        "requirements-tools.lock",
    )
    assert [*names, "requirements.lock"] == LOCKS


@pytest.mark.parametrize("requirement", [*RUNTIME, *DEVELOPMENT, *TOOLS], ids=str)
def test_dependencies_are_bounded(requirement: Requirement) -> None:
    assert requirement.url is None
    operators = {specifier.operator for specifier in requirement.specifier}
    assert operators & {"<", "<=", "==", "~="}, "no upper bound"
    assert operators & {">", ">=", "==", "~="}, "no lower bound"


@pytest.mark.parametrize("name", LOCKS)
def test_pinned_versions_are_within_bounds(name: str) -> None:
    others = TOOLS if name == "requirements-tools.lock" else DEVELOPMENT
    assert _unmet([*RUNTIME, *others], _pins(name)) == []


def test_everything_needed_is_pinned() -> None:
    runtime = _pins("requirements.lock")
    assert {canonicalize_name(requirement.name) for requirement in RUNTIME} <= set(runtime)
    for lock, requirements in (("requirements-dev.lock", DEVELOPMENT), ("requirements-tools.lock", TOOLS)):
        pins = _pins(lock)
        assert {canonicalize_name(requirement.name) for requirement in requirements} <= set(pins)
        # What is tested is what is crawled with.
        assert {name: pins.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_hold_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"\S*(?:://|file:|@ )\S*", text) == []
    assert re.findall(r"(?m)^-\S.*", text) == []
    for block in re.split(r"(?m)^(?=\S)", text):
        assert not block.strip() or "--hash=sha256:" in block, block.splitlines()[0]
