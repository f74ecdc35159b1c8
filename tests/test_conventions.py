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
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from scrapy.settings import Settings, default_settings
from scrapy.utils.misc import load_object, walk_modules_iter

from newscrawl.commands.crawl import Command

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "newscrawl"
SETTINGS = PACKAGE / "settings.py"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE = 300


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


# --- Settings -------------------------------------------------------------------------------------

# Dicts of components: by name, with a place in a row, or None for one of Scrapy's own left out.
COMPONENTS = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "EXTENSIONS")
# They name the project and its parts; there is nothing to explain.
NAMES = {"BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE"}


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """What settings.py says where the environment adds nothing."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
    with mock.patch.dict(os.environ, clean, clear=True):
        values = runpy.run_path(str(SETTINGS))
    return {name: value for name, value in values.items() if name.isupper() and not name.startswith("_")}


@pytest.fixture(scope="module")
def effective(settings: dict[str, Any]) -> Settings:
    """The same, above Scrapy's defaults."""
    return Settings(settings, priority="project")


@pytest.mark.parametrize("kind", COMPONENTS)
def test_components_load(kind: str, settings: dict[str, Any]) -> None:
    assert settings[kind]
    for component in settings[kind]:
        assert isinstance(load_object(component), type), component


@pytest.mark.parametrize("kind", COMPONENTS)
def test_only_what_is_on_by_default_is_left_out(kind: str, settings: dict[str, Any]) -> None:
    base = getattr(default_settings, f"{kind}_BASE", {})
    assert [name for name, place in settings[kind].items() if place is None and name not in base] == []


@pytest.mark.parametrize("kind", COMPONENTS)
def test_places_are_unique_and_in_order(kind: str, settings: dict[str, Any]) -> None:
    places = [place for place in settings[kind].values() if place is not None]
    assert places == sorted(set(places))


def test_other_parts_load(settings: dict[str, Any]) -> None:
    assert isinstance(load_object(settings["LOG_FORMATTER"]), type)
    assert isinstance(load_object(Command.default_settings["SCHEDULER"]), type)
    for name in settings["SPIDER_MODULES"]:
        assert list(walk_modules_iter(name))


def test_verbs_are_modules_that_can_be_imported(settings: dict[str, Any]) -> None:
    folder = PACKAGE / "commands"
    assert settings["COMMANDS_MODULE"] == "newscrawl.commands"
    names = sorted(path.stem for path in folder.iterdir() if path.suffix == ".py" and path.stem != "__init__")
    # A file is named like its verb: `rebuild-state` could be typed, and not be imported.
    assert [name for name in names if not name.isidentifier() or keyword.iskeyword(name)] == []
    commands = list(walk_modules_iter(settings["COMMANDS_MODULE"]))[1:]
    assert sorted(module.__name__.rpartition(".")[2] for module in commands) == names
    assert [module.__name__ for module in commands if not hasattr(module, "Command")] == []


def test_every_setting_is_known_to_somebody(settings: dict[str, Any]) -> None:
    # A setting with a slip in its name does nothing, without a word.
    used = {
        node.value
        for path in MODULES
        if path != SETTINGS
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unknown = [name for name in settings if not hasattr(default_settings, name) and name not in used]
    assert unknown == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONCURRENT_REQUESTS", 1),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", 1),
        ("DOWNLOAD_DELAY_JITTER", 0),
        ("ROBOTSTXT_OBEY", True),
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("TELNETCONSOLE_ENABLED", False),
        ("REMOTE_CONTROL_ENABLED", False),
        ("COOKIES_ENABLED", False),
        ("METAREFRESH_ENABLED", False),
    ],
)
def test_politeness_and_safety(name: str, value: object, effective: Settings) -> None:
    assert effective[name] == value
    assert hasattr(default_settings, name)


def test_a_second_between_requests_at_least(effective: Settings) -> None:
    assert effective.getfloat("DOWNLOAD_DELAY") >= 1
    # Nothing but these may lower it for one site.
    assert not effective["DOWNLOAD_SLOTS"]
    assert not effective.getbool("AUTOTHROTTLE_ENABLED")


def test_agent_says_who_asks(effective: Settings) -> None:
    assert effective["USER_AGENT"].startswith("newscrawl/")
    assert effective["ROBOTSTXT_USER_AGENT"] == "newscrawl"


def test_only_http_and_https_can_be_asked(effective: Settings) -> None:
    handlers = effective.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler is not None} == {"http", "https"}


def _assignments() -> Iterator[tuple[str, int, int]]:
    """Yield each setting with its first and last line, from 1."""
    for node in _tree(SETTINGS).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.isupper() and not name.startswith("_"):
                yield name, node.lineno, node.end_lineno or node.lineno


def _is_explained(lines: list[str], first: int, last: int) -> bool:
    """Tell whether a comment stands inside, above in the same group, or as the head of the group."""
    if any(line.lstrip().startswith("#") for line in lines[first - 1 : last]):
        return True
    above = first - 1
    while above > 0 and lines[above - 1].strip():
        above -= 1
        if lines[above].startswith("#"):
            return True
    while above > 0 and not lines[above - 1].strip():
        above -= 1
    return above > 0 and lines[above - 1].startswith("# ---")


def test_every_departure_from_a_default_has_its_reason(settings: dict[str, Any]) -> None:
    lines = SETTINGS.read_text(encoding="utf-8").splitlines()
    missing = object()
    bare = [
        f"{name}, line {first}"
        for name, first, last in _assignments()
        if name not in NAMES
        and settings[name] != getattr(default_settings, name, missing)
        and not _is_explained(lines, first, last)
    ]
    assert bare == []


# --- Packages -------------------------------------------------------------------------------------

# What reads text and values: usable without a crawler, from a REPL.
PLAIN = ("sites", "refine", "symbols", "text", "items.py", "codes.py", "exceptions.py")
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
    ("newscrawl/database/postgres.py", "try_lock"),
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


# Loading pandas takes longer than all the rest of a start; only optional extras may do it.
_EVERY_MODULE = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(len(sys.argv) - 1, *sorted(name for name in sys.modules if name in ("pandas", "numpy")))
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
    # Log formatters.
    "crawled",
    "download_error",
    "dropped",
    "item_error",
    "scraped",
    "spider_error",
    # Commands.
    "add_options",
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
    assert LOCKS == ["requirements-dev.lock", "requirements-oldest.lock", "requirements.lock"]


@pytest.mark.parametrize("requirement", [*RUNTIME, *DEVELOPMENT], ids=str)
def test_dependencies_are_bounded(requirement: Requirement) -> None:
    assert requirement.url is None
    operators = {specifier.operator for specifier in requirement.specifier}
    assert operators & {"<", "<=", "==", "~="}, "no upper bound"
    assert operators & {">", ">=", "==", "~="}, "no lower bound"


@pytest.mark.parametrize("name", LOCKS)
def test_pinned_versions_are_within_bounds(name: str) -> None:
    assert _unmet([*RUNTIME, *DEVELOPMENT], _pins(name)) == []


def test_everything_needed_is_pinned() -> None:
    runtime, development = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert {canonicalize_name(requirement.name) for requirement in RUNTIME} <= set(runtime)
    assert {canonicalize_name(requirement.name) for requirement in DEVELOPMENT} <= set(development)
    # What is tested is what is crawled with.
    assert {name: development.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_hold_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"\S*(?:://|file:|@ )\S*", text) == []
    assert re.findall(r"(?m)^-\S.*", text) == []
    for block in re.split(r"(?m)^(?=\S)", text):
        assert not block.strip() or "--hash=sha256:" in block, block.splitlines()[0]
