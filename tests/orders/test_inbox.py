"""
The inbox folder: what is taken, when, where it goes, and what a crash or a bad file changes.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.support.world import at, ds_number, postal_number
from tracker.cells import inert
from tracker.orders.inbox import LOCK, Inbox, _locked
from tracker.planning.deadlines import Deadlines
from tracker.settings import load_settings

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tracker.orders.inbox import InboxRound
    from tracker.store import Store

NUMBER, OTHER = ds_number(319365323), postal_number(47312482)
HEAD = "Order Number;Order Item Id;Tracking Code;Created at;Status"
GOOD = f"{HEAD}\n319365323;1;{NUMBER};2026-11-16 10:00:00;ready_to_ship\n"
MIXED = GOOD + f"319365324;2;{OTHER};=soon;pending\n;3;x;2026-11-16 10:00:00;pending\n"
CONFIG = """
[[shops]]
name = "Lagos Lights"
country = "NG"
[[shops]]
name = "Nairobi Home"
country = "KE"
"""


@dataclass
class Box:
    """
    An inbox folder and the process that looks into it; time stands at ``now``.
    """

    folder: Path
    store: Store
    now: datetime

    def __post_init__(self) -> None:
        self.inbox = self.opened()

    def opened(self) -> Inbox:
        """
        Another process with the same folder and database.
        """
        return Inbox(
            self.folder,
            store=self.store,
            deadlines=Deadlines(load_settings()),
            clock=lambda: self.now,
        )

    def drop(self, name: str, content: str | bytes, *, old: bool = True) -> Path:
        """
        A file was dropped, an hour ago or just now.
        """
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        age = timedelta(hours=1) if old else timedelta(0)
        stamp = (self.now - age).timestamp()
        os.utime(path, (stamp, stamp))
        return path

    def round(self) -> InboxRound:
        """
        One tick of the daemon.
        """
        return self.inbox.round()

    def names(self) -> list[str]:
        """
        Every file in the inbox that is not hidden, by its path from there.
        """
        return sorted(
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        )

    def shop_of(self, number: str) -> str | None:
        """
        Whose parcel it is.
        """
        with self.store.read() as tx:
            return tx.parcels.by_number(number, self.now)[0].parcel.shop

    def count(self) -> int:
        """
        How many parcels are stored.
        """
        with self.store.read() as tx:
            return tx.parcels.count()


@pytest.fixture
def box(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    """
    An empty inbox of a configuration with two shops, on each of the two engines.
    """
    (tmp_path / "tracker.toml").write_text(CONFIG)
    monkeypatch.setenv("TRACKER_CONFIG", str(tmp_path / "tracker.toml"))
    folder = tmp_path / "inbox"
    folder.mkdir()
    return Box(folder, store, at("2026-11-18 09:00"))


def test_a_file_in_a_shops_folder_is_imported_and_put_away(box: Box) -> None:
    """
    The folder's name, in any case, is the shop; the results lie beside the file.
    """
    box.drop("lagos lights/orders.csv", GOOD)
    done = box.round()
    assert (done.imported, done.failed, done.problems) == (1, 0, ())
    assert box.shop_of(NUMBER) == "Lagos Lights"
    assert box.names() == [
        "lagos lights/done/orders.csv",
        "lagos lights/done/orders.csv.result.json",
        "lagos lights/done/orders.csv.result.txt",
    ]
    result = json.loads((box.folder / box.names()[1]).read_text())
    assert (result["shop"], result["error"], result["counts"]["added"]) == ("Lagos Lights", None, 1)
    words = (box.folder / box.names()[2]).read_text()
    assert "was imported (2026-11-18 09:00 CST, shop Lagos Lights)" in words
    assert "1 added" in words


def test_a_file_in_the_inbox_itself_tells_its_shop(box: Box) -> None:
    """
    The shop stands in a column; a file without one is refused with what to do.
    """
    box.drop("good.csv", GOOD.replace("Status", "Status;Shop").replace("_ship\n", "_ship;Other\n"))
    box.drop("nameless.csv", GOOD)
    done = box.round()
    assert (done.imported, done.failed) == (1, 1)
    assert box.shop_of(NUMBER) == "Other"
    words = (box.folder / "failed" / "nameless.csv.result.txt").read_text()
    assert "was NOT imported" in words
    assert "the shop is not known" in words


def test_refused_rows_are_listed_beside_the_file(box: Box) -> None:
    """
    In JSON, in words, and as a table in which nothing is a formula.
    """
    box.drop("Nairobi Home/mixed.csv", MIXED)
    assert box.round().imported == 1
    folder = box.folder / "Nairobi Home" / "done"
    told = json.loads((folder / "mixed.csv.result.json").read_text())
    assert [row["line"] for row in told["refused"]] == [3, 4]
    table = (folder / "mixed.csv.result.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(table)))
    assert rows[0] == ["line", "reason"]
    assert [row[0] for row in rows[1:]] == ["3", "4"]
    assert "no order number" in (folder / "mixed.csv.result.txt").read_text()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_no_cell_of_a_result_is_a_formula(start: str) -> None:
    """
    A reason that begins like a formula is shown as text.
    """
    assert inert(f"{start}HYPERLINK()").startswith("'")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("words.csv", "Colour;Size\nred;5\n", "no column for the order number"),
        ("empty.csv", b"", "the file is empty"),
        ("login.csv", "<!doctype html><html>", "a web page, not a table"),
        ("noise.xlsx", b"PK\x03\x04noise", "noise.xlsx"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "photo.jpg"),
    ],
)
def test_an_unreadable_file_goes_to_failed(
    box: Box, name: str, content: str | bytes, words: str
) -> None:
    """
    With the sentence beside it, and a problem until somebody takes it away.
    """
    box.drop(f"Lagos Lights/{name}", content)
    done = box.round()
    failed = box.folder / "Lagos Lights" / "failed"
    assert (done.imported, done.failed) == (0, 1)
    assert words in (failed / f"{name}.result.txt").read_text()
    assert name in done.problems[0]
    assert box.round().problems == done.problems
    (failed / name).unlink()
    assert box.round().problems == ()


def test_a_new_file_is_left_until_it_lies_still(box: Box) -> None:
    """
    It is taken at the second look that finds it unchanged, not while it grows.
    """
    path = box.drop("Lagos Lights/orders.csv", GOOD[:40], old=False)
    assert box.round().imported == 0
    box.drop("Lagos Lights/orders.csv", GOOD, old=False)
    assert box.round().imported == 0
    assert path.exists()
    assert box.round().imported == 1


def test_a_single_round_waits_a_moment_for_a_new_file(box: Box) -> None:
    """
    ``run --once`` looks twice; a file that grew in between is left for the next round.
    """
    box.drop("Lagos Lights/growing.csv", GOOD[:40], old=False)
    box.drop("Lagos Lights/whole.csv", GOOD, old=False)
    waited: list[float] = []

    def grow(seconds: float) -> None:
        waited.append(seconds)
        box.drop("Lagos Lights/growing.csv", GOOD + "\n", old=False)

    assert box.inbox.round(grow).imported == 1
    assert waited == [3.0]
    assert "Lagos Lights/growing.csv" in box.names()


#: A process of its own looks into the inbox once, and something happens at an instant of it: the
#: interpreter tells of each opened and renamed file before it is.
LOOKING = """
import os, sys
from pathlib import Path
from tracker.clock import utc_now
from tracker.planning.deadlines import Deadlines
from tracker.orders.inbox import Inbox
from tracker.settings import load_settings
from tracker.store import open_store

folder, url, event, place, what = sys.argv[1:]

def watch(name, details):
    global place
    if name != event or place not in f"{details[0]} {details[1]}":
        return
    place = "nothing any more"
    if what == "dies":
        os._exit(137)
    with Path(folder, "Lagos Lights/orders.csv").open("a") as target:
        target.write(what)

settings, store = load_settings(), open_store(url)
inbox = Inbox(Path(folder), store=store, deadlines=Deadlines(settings), clock=utc_now)
sys.addaudithook(watch)
print(inbox.round().imported)
store.close()
"""


def look(box: Box, event: str, place: str, what: str) -> subprocess.CompletedProcess[str]:
    """
    The process as it ended.
    """
    url = box.store._engine.url.render_as_string(hide_password=False)
    return subprocess.run(
        [sys.executable, "-c", LOOKING, str(box.folder), url, event, place, what],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_file_that_changes_while_it_is_read_is_left(box: Box) -> None:
    """
    Nothing of it is stored, and it is taken when it lies still again.
    """
    box.drop("Lagos Lights/orders.csv", GOOD)
    more = f"319365324;2;{OTHER};2026-11-16 10:00:00;pending\n"
    looked = look(box, "open", "Lagos Lights/orders.csv", more)
    assert (looked.returncode, looked.stdout) == (0, "0\n"), looked.stderr
    assert (box.count(), box.names()) == (0, ["Lagos Lights/orders.csv"])
    box.round()
    assert box.round().imported == 1
    assert box.count() == 2


def test_the_same_name_again_overwrites_nothing(box: Box) -> None:
    """
    A daily ``orders.csv`` gets a name of its own each day.
    """
    for _ in range(3):
        box.drop("Lagos Lights/orders.csv", GOOD)
        assert box.round().imported == 1
    done = [name for name in box.names() if name.endswith(".csv")]
    assert done == [f"Lagos Lights/done/orders{n}.csv" for n in ("-2", "-3", "")]
    assert box.count() == 1


@pytest.mark.parametrize(
    ("event", "place", "added"),
    [
        ("open", ".orders.csv.result.json", 0),  # imported, no result written
        ("open", ".orders.csv.result.txt", 0),  # one of two results written
        ("os.rename", "Lagos Lights/orders.csv", 0),  # results written, not moved
        ("os.rename", ".orders.csv.result.json", 1),  # moved, no result shown
        ("os.rename", ".orders.csv.result.txt", 1),  # one of two results shown
    ],
)
def test_a_crash_at_any_step_is_finished_by_the_next_round(
    box: Box, event: str, place: str, added: int
) -> None:
    """
    Killed there: the file is imported again without any change, and has its results in the end.
    """
    box.drop("Lagos Lights/orders.csv", GOOD)
    crashed = look(box, event, place, "dies")
    assert crashed.returncode == 137, crashed.stderr
    assert box.count() == 1
    assert box.round().imported == 1 - added
    assert box.names() == [
        "Lagos Lights/done/orders.csv",
        "Lagos Lights/done/orders.csv.result.json",
        "Lagos Lights/done/orders.csv.result.txt",
    ]
    assert not list((box.folder / "Lagos Lights/done").glob(".*"))
    result = json.loads((box.folder / "Lagos Lights/done/orders.csv.result.json").read_text())
    assert (result["counts"]["added"], result["counts"]["unchanged"]) == (added, 1 - added)


def test_links_are_not_followed(box: Box, tmp_path: Path) -> None:
    """
    Neither a linked file nor a linked folder nor a linked ``done`` leads out of the inbox.
    """
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "orders.csv").write_text(GOOD)
    (box.folder / "linked.csv").symlink_to(outside / "orders.csv")
    (box.folder / "Nairobi Home").symlink_to(outside, target_is_directory=True)
    box.drop("Lagos Lights/orders.csv", GOOD)
    (box.folder / "Lagos Lights" / "done").symlink_to(outside, target_is_directory=True)
    done = box.round()
    assert sorted(path.name for path in outside.iterdir()) == ["orders.csv"]
    assert done.imported == 0
    assert "cannot be moved to done" in done.problems[0]
    assert (box.folder / "Lagos Lights/orders.csv").exists()


def test_nothing_is_written_through_a_link(box: Box, tmp_path: Path) -> None:
    """
    A link in the place of the lock, or of a result, leads to nobody's file.
    """
    victim = tmp_path / "victim"
    victim.write_text("mine")
    box.drop("Lagos Lights/done/x", b"")
    (box.folder / "Lagos Lights/done/.orders.csv.result.json").symlink_to(victim)
    box.drop("Lagos Lights/orders.csv", GOOD)
    assert box.round().imported == 1
    (box.folder / LOCK).unlink()
    (box.folder / LOCK).symlink_to(victim)
    assert "cannot be used" in box.round().problems[0]
    assert victim.read_text() == "mine"


def test_a_name_that_is_no_text_is_told(box: Box) -> None:
    """
    A file name in another encoding can be imported, refused and told about.
    """
    name = os.fsdecode(b"Lagos Lights/caf\xe9.csv")
    box.drop(name, "Colour;Size\nred;5\n")
    (problem,) = box.round().problems
    assert "caf?.csv" in problem
    assert os.fsdecode(b"Lagos Lights/failed/caf\xe9.csv") in box.names()


def test_what_cannot_be_moved_is_not_imported_again_and_again(box: Box) -> None:
    """
    It is told, and left until it changes.
    """
    box.drop("Lagos Lights/orders.csv", GOOD)
    (box.folder / "Lagos Lights" / "done").write_text("a file, not a folder")
    first, second = box.round(), box.round()
    assert "cannot be moved to done" in first.problems[0]
    assert second.problems == first.problems
    (box.folder / "Lagos Lights" / "done").unlink()
    assert box.opened().round().imported == 1


def test_files_that_are_not_finished_or_not_for_us_are_left(box: Box) -> None:
    """
    Hidden files, lock files and downloads under way are no orders and no failures.
    """
    names = [".orders.csv.x7", "~$orders.xlsx", "a.csv.part", "a.crdownload", "Thumbs.db"]
    for name in names:
        box.drop(name, GOOD)
    done = box.round()
    assert (done.imported, done.failed, done.problems) == (0, 0, ())
    assert all((box.folder / name).exists() for name in names)


def test_a_folder_of_an_unknown_shop_is_told(box: Box) -> None:
    """
    Files in a misspelt folder are not silently left there.
    """
    box.drop("Lagos Light/orders.csv", GOOD)
    (problem,) = box.round().problems
    assert "Lagos Light holds files and is no configured shop's name" in problem


def test_a_folder_that_is_not_there_is_told(box: Box) -> None:
    """
    An inbox on a share that is not mounted is a problem, not an empty inbox.
    """
    box.folder.rename(box.folder.with_name("elsewhere"))
    assert "which is not a folder" in box.round().problems[0]


def test_two_processes_never_take_one_file(box: Box) -> None:
    """
    While one looks into the inbox, another leaves it alone.
    """
    box.drop("Lagos Lights/orders.csv", GOOD)
    with _locked(box.folder) as ours:
        assert ours
        assert box.round().imported == 0
    assert box.round().imported == 1
    assert (box.folder / LOCK).exists()


def test_a_file_that_nobody_foresaw_steps_aside(box: Box) -> None:
    """
    One whose import throws costs itself only; the next one is imported (promises.md R10).
    """
    box.drop("Lagos Lights/a.csv", GOOD)
    box.round()
    with box.store.begin() as tx:
        tx._connection.execute(text("UPDATE parcels SET service = 'by balloon'"))
    box.drop("Lagos Lights/b.csv", GOOD)
    box.drop("Lagos Lights/c.csv", GOOD.replace(NUMBER, OTHER).replace("319365323", "319365324"))
    done = box.round()
    assert (done.imported, done.failed) == (1, 1)
    told = (box.folder / "Lagos Lights/failed/b.csv.result.txt").read_text()
    assert "It could not be read (ValueError)" in told
