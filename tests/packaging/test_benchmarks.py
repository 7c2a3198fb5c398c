"""
The benchmarks can be started: none of them is run here, and what they measure is not judged.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.peers import carrier as peers
from benchmarks.peers.environment import PINNED

ROOT = Path(__file__).parents[2]


_CALLABLE = """
from importlib import import_module
from benchmarks.__main__ import BENCHMARKS
for module, function in BENCHMARKS.values():
    assert callable(getattr(import_module(module), function)), (module, function)
"""


def test_each_named_benchmark_is_there() -> None:
    """
    What ``--only NAME`` would import can be called.
    """
    subprocess.run([sys.executable, "-c", _CALLABLE], cwd=ROOT, check=True)


def test_make_bench_peers_starts_what_can_be_started() -> None:
    """
    Without karrio, which only a run of it installs.
    """
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target = re.search(
        r"^bench-peers: setup .*\n\t\$\(BIN\)/python -m (\S+)$", makefile, re.MULTILINE
    )
    assert target is not None
    asked = [sys.executable, "-m", target[1], "--help"]
    shown = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--parcels" in shown.stdout


def test_every_package_of_the_peer_is_pinned_with_its_hash() -> None:
    """
    A later release could be another program.
    """
    wanted = PINNED.with_suffix(".in").read_text(encoding="utf-8").splitlines()
    pinned = PINNED.read_text(encoding="utf-8")
    for name in wanted[1:]:
        assert re.search(rf"^{name}==[\d.]+ \\\n    --hash=sha256:", pinned, re.MULTILINE), name


def test_the_peers_carrier_tells_both_the_same_history() -> None:
    """
    Before the scan and after it.
    """
    with peers.peer_carrier() as carrier:
        assert _both(carrier) == (peers.ANNOUNCED_EACH, peers.ANNOUNCED_EACH)
        carrier.scan_all()
        assert _both(carrier) == (peers.SCANNED_EACH, peers.SCANNED_EACH)


def _both(carrier: peers.PeerCarrier) -> tuple[int, int]:
    ours = _told(carrier.clevy_url, b"MailNos%5B0%5D=UH000000001KG")
    theirs = _told(f"{carrier.address}/labels/statusv2", b'["UH000000001KG"]')
    routes = ours["ResponseMessage"][0]["Routes"]
    listed = theirs[0]["Events"]
    assert [(one["EventStatus"], one["EventDate"].replace(" ", "T")) for one in routes] == [
        (one["Description"], one["EventDT"]) for one in listed
    ]
    return len(routes), len(listed)


def _told(url: str, body: bytes) -> Any:
    with urllib.request.urlopen(url, data=body) as answer:
        return json.load(answer)
