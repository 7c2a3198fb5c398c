"""
Every Scrapy setting that we change, with its reason; the rest stays Scrapy's default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Request as PageRequest

    from tracker.crawl import CarrierAccess

_MEGABYTE = 1024 * 1024
_PLAYWRIGHT = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
#: What a page needs only to look good; never fetched.
DECORATION = frozenset({"image", "media", "font"})

#: All of Scrapy that is loaded; what is not needed is not even imported (a third of the time
#: that a look takes to start, and whatever a later Scrapy switches on by default stays out).
_EXTENSIONS = {"scrapy.extensions.corestats.CoreStats": 0}
_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
}


def scrapy_settings(
    access: CarrierAccess, browser_provider: Callable[[Any], Any] | None = None
) -> dict[str, Any]:
    """
    The settings of one crawl; with a browser provider, requests may open pages.
    """
    settings = {
        # On by default in Scrapy 2.19: localhost ports that execute code.
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        # Off by default in Scrapy: without it anybody on the way can play the portal.
        "DOWNLOAD_VERIFY_CERTIFICATES": access.verify_tls,
        # The default of three minutes is longer than a look may take.
        "DOWNLOAD_TIMEOUT": access.timeout_seconds,
        "DNS_TIMEOUT": access.timeout_seconds,
        # A tracking answer has some kB; a hostile one must not fill the memory.
        "DOWNLOAD_MAXSIZE": 8 * _MEGABYTE,
        "DOWNLOAD_WARNSIZE": 0,
        # A cut body must reach us with its flag: the look says what happened.
        "DOWNLOAD_FAIL_ON_DATALOSS": False,
        # Pace, concurrency and retries are decided in one place, tracker.spiders.asking.
        "CONCURRENT_REQUESTS": max(16, access.concurrency),
        "CONCURRENT_REQUESTS_PER_DOMAIN": max(16, access.concurrency),
        "DOWNLOAD_DELAY": 0,
        "RETRY_ENABLED": False,
        # A redirect is an answer too (a login page): the spider decides, credentials stay home.
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        # Not a crawl of a site: one question about one's own parcel, as a person would ask it,
        # at a person's pace.
        "ROBOTSTXT_OBEY": False,
        # Who we are, without disguise; browsers say "HeadlessChrome" by themselves.
        "USER_AGENT": f"ScanTracker/{__version__}",
        # The look reports are the output; the standard output belongs to the protocol.
        "LOG_LEVEL": "WARNING",
        "LOG_INSTALL_ROOT_HANDLER": False,
        "STATS_DUMP": False,
        "LOGSTATS_INTERVAL": 0,
        "MEMUSAGE_ENABLED": False,  # the supervisor watches and recycles the process
        "EXTENSIONS_BASE": _EXTENSIONS,
        "DOWNLOADER_MIDDLEWARES_BASE": _MIDDLEWARES,
    }
    if browser_provider is not None:
        settings |= _page_settings(access, browser_provider)
    return settings


def _page_settings(access: CarrierAccess, browser_provider: Callable[[Any], Any]) -> dict[str, Any]:
    return {
        "DOWNLOAD_HANDLERS": {"http": _PLAYWRIGHT, "https": _PLAYWRIGHT},
        # One browser for all crawls of the process, instead of one a crawl.
        "PLAYWRIGHT_BROWSER_PROVIDER": browser_provider,
        # Scrapy's headers on a browser's requests would make it look like neither.
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
        # Both limits: navigation's own default would be 30 s whatever the look's limit is.
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": access.timeout_seconds * 1000,
        "PLAYWRIGHT_DOWNLOAD_TIMEOUT": int(access.timeout_seconds * 1000),
        # A page that dies unclosed still counts as open: leave room, or the next one waits
        # for ever.
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": access.concurrency + 4,
        "PLAYWRIGHT_ABORT_REQUEST": is_decoration,
    }


def is_decoration(request: PageRequest) -> bool:
    """
    True for images, media and fonts: the answer is read as text.
    """
    return request.resource_type in DECORATION
