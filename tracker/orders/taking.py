"""
One export file into the watch list, whole or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracker.orders.files import OrderFileError, read_orders
from tracker.orders.importing import Importer, ShopUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tracker.model import ImportResult
    from tracker.planning.deadlines import Deadlines
    from tracker.settings import Settings
    from tracker.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """
    Takes files into one store at one instant; ``dry_run`` writes nothing.

    ``scope`` is the shops that whoever brings the files may write for, ``None`` for all.
    """

    store: Store
    deadlines: Deadlines
    now: datetime
    dry_run: bool = False
    scope: frozenset[str] | None = None

    def take(
        self,
        path: Path,
        shop: str | None,
        *,
        check: Callable[[], None] | None = None,
        name: str | None = None,
    ) -> ImportResult:
        """
        The file's rows are on the watch list or refused, each with its reason.

        ``shop`` is that of every row, whatever the file says. ``check`` is called before the
        commit: nothing is written when it raises. ``name`` is what every sentence calls the file,
        if not its path. Raises
        :class:`~tracker.orders.columns.OrderFileError` for a file that cannot be read, and
        :class:`~tracker.model.UsageError` when a row's shop cannot be told.
        """
        called = name or str(path)
        try:
            return _renamed(self._take(path, shop, check), called)
        except ShopUnknownError as error:
            raise ShopUnknownError(called, error.line) from error
        except OrderFileError as error:
            raise OrderFileError(error.sentence.but(file=called)) from error

    def _take(self, path: Path, shop: str | None, check: Callable[[], None] | None) -> ImportResult:
        settings = self.deadlines.settings
        read = read_orders(path, zone=settings.zone, mapping=_mapping(settings, shop))
        with self.store.begin(dry_run=self.dry_run) as tx:
            importer = Importer(
                tx=tx,
                deadlines=self.deadlines,
                now=self.now,
                observed_at=min(self.now, _modified(path)),
                shop=shop,
                scope=self.scope,
            )
            result = importer.take(str(path), read.rows)
            if check is not None:
                check()
        return replace(
            result,
            refused=(*read.refused, *result.refused),
            warnings=(*read.warnings, *result.warnings),
            columns=read.columns,
            unused=read.unused,
        )


def _renamed(result: ImportResult, name: str) -> ImportResult:
    """
    The result with the file called by that name.
    """
    return replace(
        result,
        refused=tuple(replace(row, file=name) for row in result.refused),
        warnings=tuple(warning.but(file=name) for warning in result.warnings),
    )


def _mapping(settings: Settings, shop: str | None) -> dict[str, str] | None:
    named = settings.shop(shop)
    if named is None and len(settings.shops) == 1:
        named = settings.shops[0]
    return dict(named.columns) if named and named.columns else None


def _modified(path: Path) -> datetime:
    """
    When the file was last written: about when its facts were exported (promises.md R27).
    """
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
