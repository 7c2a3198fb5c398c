"""
The house's rules, read from the source.

Who may import whom, and one place each for SQL, the environment and the clock.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CRAWLING = ("scrapy", "scrapy_playwright", "playwright", "twisted")
NETWORK = ("socket", "ssl", "http.client", "urllib.request", "httpx", "aiohttp", "requests")

#: Pure: they know values and days, and nothing of where these come from.
LEAVES = (
    "tracker.model",
    "tracker.model.*",
    "tracker.vocabulary",
    "tracker.sentences",
    "tracker.clock",
    "tracker.crashpoints",
    "tracker.stations",
    "tracker.numbers",
    "tracker.calendar",
    "tracker.calendar.*",
    "tracker.planning.cadence",
    "tracker.stages",
    "tracker.stages.*",
    "tracker.vendor.errors",
    "tracker.vendor.pages",
    "tracker.vendor.spans",
)

#: Modules that join the rooms together; only they may import anything.
COMPOSITION = (
    "tracker.cli",
    "tracker.cli.*",
    "tracker.scheduler",
    "tracker.daemon.watcher",
    "tracker.web",
    "tracker.web.*",
)

#: Modules that read or hand on the environment, and why.
ENVIRONMENT = {
    "tracker.settings": "the one place for settings",
    "tracker.browser": "where Playwright keeps its browsers is Playwright's to say",
    "tracker.probing.daily": "the check's process gets a temporary folder of its own",
    "tracker.crawl.child": "the crawl's process gets the environment without our secrets",
    "tracker.spiders.browsing": "the browser gets the environment without our secrets",
    "tracker.practice.demo": "the demo's commands get practice settings instead of the user's",
}

#: Modules that read the clock, and why.
CLOCK = {"tracker.clock": "the one place"}


@dataclass(frozen=True, slots=True)
class Module:
    """
    One module of ours: what it imports anywhere, and what it imports while it is loaded.
    """

    name: str
    tree: ast.Module
    imports: frozenset[str]
    imports_on_load: frozenset[str]

    def imports_any(self, packages: tuple[str, ...]) -> list[str]:
        """
        Those of its imports that lie in one of the packages.
        """
        return [name for name in sorted(self.imports) if is_within(name, packages)]


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    """
    True when a dotted name is one of the packages or lies in one.
    """
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def is_one_of(name: str, patterns: tuple[str, ...]) -> bool:
    """
    True when a module's name is among the names and patterns.
    """
    return any(fnmatch(name, pattern) for pattern in patterns)


@cache
def files() -> dict[str, Path]:
    """
    Every module of ours by its dotted name.
    """
    found = [*ROOT.glob("tracker/**/*.py"), *ROOT.glob("alerts/**/*.py")]
    dotted = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in found}
    return {name.removesuffix(".__init__"): path for name, path in dotted.items()}


@cache
def modules() -> dict[str, Module]:
    """
    Every module of ours, parsed.
    """
    return {name: parsed(name, path) for name, path in sorted(files().items())}


def parsed(name: str, path: Path) -> Module:
    """
    A module with its imports resolved to modules.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return Module(
        name=name,
        tree=tree,
        imports=frozenset(names_in(ast.walk(tree), package)),
        imports_on_load=frozenset(names_in(run_on_load(tree.body), package)),
    )


def run_on_load(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """
    The statements that run when a module is loaded: not in functions, not for type checkers.
    """
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            continue
        yield statement
        for field in ("body", "orelse", "handlers", "finalbody"):
            yield from run_on_load(getattr(statement, field, []))


def names_in(nodes: Iterator[ast.AST], package: str) -> Iterator[str]:
    """
    The modules that import statements among the nodes name.
    """
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level]
            base = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in files() else base


def offenders(packages: tuple[str, ...], among: Iterator[Module]) -> dict[str, list[str]]:
    """
    Each of the modules that imports one of the packages, with what it imports.
    """
    found = {module.name: module.imports_any(packages) for module in among}
    return {name: imported for name, imported in found.items() if imported}


def test_every_package_was_read() -> None:
    """
    The rules are checked on the real tree.
    """
    assert {"tracker.model", "tracker.store", "tracker.spiders.seko", "alerts.rules"} <= set(
        modules()
    )


def test_nothing_is_imported_in_a_circle() -> None:
    """
    Imports that run on load go one way.
    """
    ours = {
        module.name: {name for name in module.imports_on_load if name in files()} - {module.name}
        for module in modules().values()
    }
    try:
        TopologicalSorter(ours).prepare()
    except CycleError as error:
        pytest.fail(f"imports go in a circle: {' -> '.join(error.args[1])}")


def test_leaves_import_leaves_only() -> None:
    """
    The pure modules know of ours nothing but one another.
    """
    found = {
        module.name: sorted(
            name
            for name in module.imports
            if is_within(name, ("tracker", "alerts")) and not is_one_of(name, LEAVES)
        )
        for module in modules().values()
        if is_one_of(module.name, LEAVES)
    }
    assert {name: imported for name, imported in found.items() if imported} == {}


def test_alerts_never_touch_spiders() -> None:
    """
    Deciding and telling know nothing of fetching.
    """
    alerts = (module for module in modules().values() if is_within(module.name, ("alerts",)))
    assert offenders((*CRAWLING, "tracker.spiders", "tracker.crawler"), alerts) == {}


def test_channels_are_given_what_they_need() -> None:
    """
    A channel knows neither the settings nor the store nor the environment of a delivery.
    """
    channels = (
        module for module in modules().values() if is_within(module.name, ("alerts.channels",))
    )
    forbidden = ("tracker.settings", "tracker.store", "tracker.cli", "tracker.daemon.watcher")
    assert offenders((*forbidden, "alerts.deliver", "alerts.proving"), channels) == {}


def test_page_readers_are_pure() -> None:
    """
    What reads saved text knows neither Scrapy, the network, the store nor the settings.
    """
    pages = (module for module in modules().values() if is_within(module.name, ("tracker.pages",)))
    forbidden = (
        *CRAWLING,
        *NETWORK,
        "alerts",
        "tracker.spiders",
        "tracker.store",
        "tracker.settings",
        "tracker.clock",
    )
    assert offenders(forbidden, pages) == {}


def test_spiders_do_not_touch_store_or_alerts() -> None:
    """
    Spiders fetch: what becomes of an answer is none of their business.
    """
    spiders = (
        module for module in modules().values() if is_within(module.name, ("tracker.spiders",))
    )
    assert offenders(("alerts", "tracker.store", "tracker.settings"), spiders) == {}


def test_only_the_crawl_child_touches_scrapy() -> None:
    """
    Scrapy and Playwright are loaded in the crawl's own process and nowhere else.
    """
    others = (
        module
        for module in modules().values()
        if not is_within(module.name, ("tracker.spiders", "tracker.crawler"))
    )
    assert offenders(CRAWLING, others) == {}


def test_httpx_is_spoken_where_its_loggers_are_capped() -> None:
    """
    ``httpx`` is imported where its limits are set, by modules that hold its loggers back first.
    """
    speakers = {name for name, module in modules().items() if module.imports_any(("httpx",))}
    assert speakers == {"tracker.vendor.wire", "tracker.daemon.deadman"}
    for name in speakers:
        assert "hold_back_libraries()" in files()[name].read_text(encoding="utf-8")


def test_only_the_store_speaks_sql() -> None:
    """
    SQLAlchemy and Alembic are imported in ``tracker.store`` only.
    """
    others = (
        module for module in modules().values() if not is_within(module.name, ("tracker.store",))
    )
    assert offenders(("sqlalchemy", "alembic", "sqlite3", "psycopg"), others) == {}


def test_only_the_composition_knows_the_alerts() -> None:
    """
    In ``tracker`` only what joins the rooms imports ``alerts``.
    """
    below = (
        module
        for module in modules().values()
        if not is_within(module.name, ("alerts",)) and not is_one_of(module.name, COMPOSITION)
    )
    assert offenders(("alerts",), below) == {}


def mentions(module: Module, *attributes: str) -> bool:
    """
    True when the module uses one of the dotted names, ``os.environ`` for example.
    """
    return any(
        ast.unparse(node) in attributes
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
    )


def test_one_place_reads_the_environment() -> None:
    """
    ``os.environ`` is read by the settings, besides the named exceptions.
    """
    readers = {
        module.name
        for module in modules().values()
        if mentions(module, "os.environ", "os.environb", "os.getenv", "os.putenv")
    }
    assert readers == set(ENVIRONMENT)
    taken = {name: module.imports for name, module in modules().items()}
    assert [name for name, imported in taken.items() if "os.environ" in imported] == []


def test_one_place_reads_the_clock() -> None:
    """
    Everybody else is given the instant, or a way to ask for it.
    """
    readers = {
        module.name
        for module in modules().values()
        if mentions(
            module,
            "datetime.now",
            "datetime.utcnow",
            "datetime.today",
            "date.today",
            "datetime.datetime.now",
            "datetime.date.today",
            "time.time",
            "time.time_ns",
            "time.localtime",
            "time.gmtime",
        )
    }
    assert readers == set(CLOCK)
