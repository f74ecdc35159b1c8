"""What a crawl of this project's spiders is made of, and how it is put into Scrapy's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings
from scrapy.utils.misc import load_object

from newscrawl import settings as project_settings
from newscrawl.exceptions import ArgumentError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

ADDON = "newscrawl.addon.Addon"
QUEUE_SCHEDULER = "newscrawl.queue.scheduler.QueueScheduler"
SCRAPY_SCHEDULER = "scrapy.core.scheduler.Scheduler"

_ROBOTS = "newscrawl.middlewares.robots.RobotsMiddleware"

# As settings.py declares them; the environment may say otherwise, as text.
_PIPELINES: dict[str, int | None] = project_settings.declared["ITEM_PIPELINES"]

# None leaves one of Scrapy's own out. All other classes are needed: what was removed is put back, and what
# was set to None in so many words is refused, unless a subclass stands in for it.
COMPONENTS: dict[str, dict[str, int | None]] = {
    "DOWNLOADER_MIDDLEWARES": {
        # The queue asks for one site only and redirects are checked below.
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        # One middleware of ours does what these three do.
        "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": None,
        "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
        # Theirs parses any answer's body and allows everything when the file cannot be fetched.
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        _ROBOTS: 100,
        "newscrawl.middlewares.request_defaults.RequestDefaultsMiddleware": 350,
        # Theirs retries at once and does not know Retry-After.
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        "newscrawl.middlewares.retry.BackoffRetryMiddleware": 550,
        # Sees the body after Scrapy decompressed it.
        "newscrawl.middlewares.page_end.PageEndMiddleware": 585,
        # Sees it before.
        "newscrawl.middlewares.whole_body.WholeBodyMiddleware": 595,
        # Theirs follows a redirect to any host.
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
        "newscrawl.middlewares.redirects.SameSiteRedirectMiddleware": 600,
        # Theirs writes out each request to measure it.
        "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
        "newscrawl.middlewares.traffic.TrafficStats": 850,
    },
    "SPIDER_MIDDLEWARES": {
        # Nobody asks which requests are start requests; the spider names every status itself; the queue
        # keeps depth and duplicates; addresses are built here and short. What is left out is left out of
        # every page's path.
        "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
        "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
        "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
        "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
    },
    "ITEM_PIPELINES": _PIPELINES,
    "EXTENSIONS": {
        "newscrawl.extensions.progress.Progress": 200,
        # Progress logs the same line with pages, stories and queue in it.
        "scrapy.extensions.logstats.LogStats": None,
    },
}

# Scrapy's default takes more time for a page (download_handler.py).
HANDLERS = {
    "http": "newscrawl.download_handler.PageDownloadHandler",
    "https": "newscrawl.download_handler.PageDownloadHandler",
}

# Feeds of these formats hold text only.
EXPORTERS = {
    "csv": "newscrawl.exporters.ArticleCsvExporter",
    "xml": "newscrawl.exporters.ArticleXmlExporter",
}

# May be left out with None: nothing but their own fields and stats depends on them.
_OPTIONAL = {
    "newscrawl.middlewares.traffic.TrafficStats",
    "newscrawl.extensions.progress.Progress",
    *(name for name in _PIPELINES if not name.endswith(("HashPipeline", "CommitPipeline"))),
}

# Scrapy loads these to find that they are switched off, which takes a tenth of the time of a small crawl.
_SWITCHED = {
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": "COOKIES_ENABLED",
        "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": "HTTPCACHE_ENABLED",
    },
    "EXTENSIONS": {
        "scrapy.extensions.remote_control.RemoteControl": "REMOTE_CONTROL_ENABLED",
        "scrapy.extensions.telnet.TelnetConsole": "TELNETCONSOLE_ENABLED",
    },
}

# Both would do the same work: retry twice, or follow a redirect that the other one refused.
_REPLACED = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": "RobotsMiddleware",
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": "BackoffRetryMiddleware",
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": "SameSiteRedirectMiddleware",
    "scrapy.downloadermiddlewares.stats.DownloaderStats": "TrafficStats",
}

# What else a crawl of our spiders has by default, and other spiders in the project have not.
DEFAULTS: dict[str, Any] = {
    # A page yields one item; the default makes a hundred tasks for each page, which halves the speed.
    "CONCURRENT_ITEMS": 1,
    # Accept is set by the site (newscrawl/sites). gzip is the one encoding whose end can be told, so that a
    # cut body is not taken for a whole one.
    "DEFAULT_REQUEST_HEADERS": {"Accept-Encoding": "gzip"},
    # Theirs takes more time at each call, and a page makes over a dozen.
    "STATS_CLASS": "newscrawl.quiet.QuickStats",
    # Scrapy's own but for one that only its handler over Twisted raises, for a proxy: to name it is to load
    # that handler, which takes a tenth of the time of a small crawl.
    "RETRY_EXCEPTIONS": [
        name for name in default_settings.RETRY_EXCEPTIONS if not str(name).endswith(".TunnelError")
    ],
    # The pages need none of these, and each costs time on every page.
    "COOKIES_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "REFERER_ENABLED": False,
    # One line for a dropped page instead of a dump of the item.
    "LOG_FORMATTER": "newscrawl.logformatter.OneLineFormatter",
}

# They say where Scrapy finds the parts of a project, which may be another than this one.
_OF_THE_PROJECT = {"BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE", "COMMANDS_MODULE", "ADDONS", *COMPONENTS}


def add_addon(settings: BaseSettings) -> None:
    """Add this project's add-on to ADDONS, unless it is there."""
    name = "ADDONS"
    addons = settings.getdict(name)
    if not any(_path(key) == ADDON for key in addons):
        # Above what is there: a process merges its own settings into those of the crawl once more.
        settings.set(name, {**addons, ADDON: 1000}, priority=(settings.getpriority(name) or 0) + 1)


def install(settings: BaseSettings) -> None:
    """Add what a crawl of our spiders needs, whatever settings are in use. Raises ArgumentError.

    A value that the user set stays. So the spiders can be run in another project, or in none.
    """
    for name, value in {**project_settings.values(), **DEFAULTS}.items():
        if name not in _OF_THE_PROJECT:
            settings.set(name, value, priority="addon")
    for name, components in COMPONENTS.items():
        off = {path: None for path, switch in _SWITCHED.get(name, {}).items() if not settings.getbool(switch)}
        _add_components(settings, name, {**components, **off})
    _add_defaults(settings, "FEED_EXPORTERS", EXPORTERS)
    _add_defaults(settings, "DOWNLOAD_HANDLERS", HANDLERS)
    scheduler = settings["SCHEDULER"]
    if not settings.getbool("QUEUE_ENABLED") or _path(scheduler) == SCRAPY_SCHEDULER:
        set_scheduler(settings)
    elif not _is_subclass(scheduler, QUEUE_SCHEDULER):
        raise ArgumentError(f"SCHEDULER: expected {QUEUE_SCHEDULER}, found {_path(scheduler)}")


def missing_component(crawler: Crawler) -> str | None:
    """Return, in one line, what a crawl of our spiders needs and Scrapy did not make of the settings."""
    for name, find in (
        ("DOWNLOADER_MIDDLEWARES", crawler.get_downloader_middleware),
        ("ITEM_PIPELINES", crawler.get_item_pipeline),
    ):
        for path, place in COMPONENTS[name].items():
            is_left_out = path == _ROBOTS and not crawler.settings.getbool("ROBOTSTXT_OBEY")
            if (
                place is not None
                and path not in _OPTIONAL
                and not is_left_out
                and find(load_object(path)) is None
            ):
                return f"{name}: expected {path} or a subclass of it, found none"
    return None


def set_scheduler(settings: BaseSettings) -> None:
    """Set the scheduler of a crawl of our spiders, whatever was set."""
    enabled = settings.getbool("QUEUE_ENABLED")
    _overrule(settings, "SCHEDULER", QUEUE_SCHEDULER if enabled else SCRAPY_SCHEDULER)


def uninstall(settings: BaseSettings) -> None:
    """Give a spider of another kind what settings.py takes from it: Scrapy's own scheduler."""
    if _path(settings["SCHEDULER"]) == QUEUE_SCHEDULER:
        _overrule(settings, "SCHEDULER", SCRAPY_SCHEDULER)


def add_contact(settings: BaseSettings) -> None:
    """Name the CONTACT in the USER_AGENT."""
    agent, contact = str(settings["USER_AGENT"]), f"(+{settings['CONTACT']})"
    if settings["CONTACT"] and contact not in agent:
        _overrule(settings, "USER_AGENT", f"{agent} {contact}")


def _add_components(settings: BaseSettings, name: str, components: Mapping[str, int | None]) -> None:
    found = settings.getdict(name)
    places = {_path(key): place for key, place in found.items()}
    for path, place in components.items():
        if path not in places:
            if place is None or not _has_subclass(found, path):
                found[path] = place
        elif place is not None and places[path] is not None:
            # Two commits, or two retries, would be in each other's way.
            if path not in _OPTIONAL and _has_subclass(found, path, but=path):
                raise ArgumentError(f"{name}: expected {path} or a subclass of it, found both")
        elif place is None:
            if places[path] is not None and path in _REPLACED:
                raise ArgumentError(f"{name}: expected {_REPLACED[path]} in place of {path}, found both")
        elif path not in _OPTIONAL and not _has_subclass(found, path):
            raise ArgumentError(f"{name}: expected {path} or a subclass of it, found None")
    settings.set(name, found, priority=max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["addon"]))


def _add_defaults(settings: BaseSettings, name: str, values: Mapping[str, str]) -> None:
    _overrule(settings, name, {**values, **settings.getdict(name)})


def _overrule(settings: BaseSettings, name: str, value: Any) -> None:
    settings.set(name, value, priority=max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["addon"]))


def _path(component: Any) -> str:
    return (
        f"{component.__module__}.{component.__qualname__}" if isinstance(component, type) else str(component)
    )


def _has_subclass(components: Mapping[Any, int | None], path: str, *, but: str | None = None) -> bool:
    return any(
        place is not None and _path(key) != but and _is_subclass(key, path)
        for key, place in components.items()
    )


def _is_subclass(component: Any, path: str) -> bool:
    kind = load_object(component)
    return isinstance(kind, type) and issubclass(kind, load_object(path))
