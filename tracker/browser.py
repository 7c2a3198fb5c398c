"""
Finding the browser that opens portal pages, without starting anything.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.sentences import RefusedError, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Looked for on PATH, in this order; the headless shell is far lighter than the whole browser.
ON_PATH = ("chromium-headless-shell", "chromium", "google-chrome")

_OWN_KINDS = ("chromium-headless-shell", "chromium")
_OWN_NAMES = frozenset(
    {
        "headless_shell",
        "headless_shell.exe",
        "chrome-headless-shell",
        "chrome-headless-shell.exe",
        "chrome",
        "chrome.exe",
        "Chromium",
    }
)


class BrowserMissing(RefusedError):  # noqa: N818 - the field's name: a browser that is not there
    """
    No usable browser: the portal page cannot be opened (exit code 2 for ``track``).
    """


def find_browser(configured: str | None = None) -> Path:
    """
    The browser's executable: configured, Playwright's own, else one on PATH (contract.md).

    Raises :class:`BrowserMissing` when there is none, or when the configured one is not an
    executable file; a wrong setting is not silently replaced.
    """
    if configured:
        return _configured(configured)
    found = _playwrights_own() or _on_path()
    if found is None:
        raise BrowserMissing(
            Sentence(
                "no browser was found to open the portal page: run `playwright install "
                "--only-shell chromium`, or `apt-get install chromium-headless-shell`, or set "
                "browser.executable (TRACKER_BROWSER__EXECUTABLE) to a Chromium program"
            )
        )
    return found


def _configured(configured: str) -> Path:
    found = shutil.which(Path(configured).expanduser())
    if found is None:
        raise BrowserMissing(
            Sentence(
                "browser.executable names %(path)s, which is not a program that can be run: "
                "correct it, or leave it empty to let the tool look for a browser",
                path=repr(configured),
            )
        )
    return Path(found)


def _on_path() -> Path | None:
    found = (shutil.which(name) for name in ON_PATH)
    return next((Path(path) for path in found if path), None)


def _playwrights_own() -> Path | None:
    """
    The browser that ``playwright install`` fetched for the installed release, if it did.
    """
    package = _playwright_package()
    if package is None:
        return None
    revisions = _revisions(package / "browsers.json")
    folder = _registry(package)
    for kind in _OWN_KINDS:
        home = folder / f"{kind.replace('-', '_')}-{revisions.get(kind)}"
        if (home / "INSTALLATION_COMPLETE").exists():
            program = next(_programs(home), None)
            if program is not None:
                return program
    return None


def _playwright_package() -> Path | None:
    spec = find_spec("playwright")  # finds the folder without importing the package
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent / "driver" / "package"
    return package if package.is_dir() else None


def _revisions(listing: Path) -> dict[str, str]:
    """
    The browser revisions the installed Playwright wants; empty when it does not say.
    """
    try:
        browsers = json.loads(listing.read_text("utf-8"))["browsers"]
        return {str(item["name"]): str(item["revision"]) for item in browsers}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # another layout than today's: Playwright's own is then simply not offered


def _registry(package: Path) -> Path:
    """
    Where Playwright keeps its browsers (its documented places).
    """
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen == "0":
        return package / ".local-browsers"
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    if sys.platform == "win32":
        return Path.home() / "AppData" / "Local" / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


def _programs(home: Path) -> Iterator[Path]:
    candidates = (path for path in home.glob("*/*") if path.name in _OWN_NAMES)
    return (path for path in candidates if path.is_file() and os.access(path, os.X_OK))


def main() -> None:
    """
    Prints the browser that would be used; exits with 1 and a sentence when there is none.
    """
    try:
        sys.stdout.write(f"{find_browser()}\n")
    except BrowserMissing as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
