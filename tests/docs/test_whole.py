"""
The documentation is whole: nothing that exists is left out, nothing that it names is missing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main

from tracker.cli import app
from tracker.model import AlertKind
from tracker.settings import load_settings, settings_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")
#: In running text a command stands in backquotes or on a line of a shell block.
_COMMAND = re.compile(
    r"(?:`|^|\b(?:do|then|exec|ExecStart=\S*/)\s*)tracker((?: [a-z][a-z-]+)+)", re.MULTILINE
)


def command_names() -> Iterator[tuple[str, ...]]:
    """
    Every command: ``("alerts", "list")``.
    """

    def walk(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield path
            return
        for name, one in inner.items():
            yield from walk(one, (*path, name))

    yield from walk(typer.main.get_command(app), ())


def anchors(page: Path) -> set[str]:
    """
    The anchors of a page's headings, as GitHub makes them.
    """
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """
    Files, folders and headings that a page links to are there.
    """
    broken = []
    for target, anchor in _LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / target).resolve() if target else page
        if not path.exists():
            broken.append(target)
        elif anchor and path.suffix == ".md" and anchor[1:] not in anchors(path):
            broken.append(f"{target}{anchor}")
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    """
    Whoever reads docs/README.md finds everything.
    """
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    named = {target for target, _ in _LINK.findall(index)}
    assert {page.name for page in DOCS.glob("*.md")} - {"README.md"} <= named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_named_exists(page: Path) -> None:
    """
    ``tracker ...`` as a page writes it is a command, or begins one.
    """
    known = set(command_names())
    starts = {path[:length] for path in known for length in range(1, len(path) + 1)}
    wrong = []
    for words in _COMMAND.findall(page.read_text(encoding="utf-8")):
        path = tuple(words.split())
        whole = any(path[:length] in known for length in range(1, len(path) + 1))
        if not whole and path not in starts:
            wrong.append(" ".join(path))
    assert wrong == []


def test_every_command_is_documented() -> None:
    """
    Each has its row in docs/commands.md.
    """
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert [path for path in command_names() if f"`tracker {' '.join(path)}" not in text] == []


def test_every_setting_is_documented() -> None:
    """
    Each single setting has its row in docs/settings.md.
    """
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    names = {".".join(path) for path, _ in settings_fields()}
    assert len(names) > 40
    assert [name for name in sorted(names) if not _is_named(name, text)] == []


def _is_named(name: str, text: str) -> bool:
    """
    True if the key stands in the table, by itself or as ``carriers.<name>.pace``.
    """
    general = re.sub(r"^carriers\.\w+\.", "carriers.<name>.", name)
    return f"`{name}`" in text or f"`{general}`" in text


def test_every_alert_kind_is_explained() -> None:
    """
    Each kind has its row: when it opens, who hears it, what to do.
    """
    text = (DOCS / "alerts.md").read_text(encoding="utf-8")
    rows = dict(
        re.findall(r"^\| `(\w+)` \|(.+)\|$", text.partition("## The ladder")[0], re.MULTILINE)
    )
    assert set(rows) == {kind.value for kind in AlertKind}
    assert [kind for kind, row in rows.items() if len(row.split(" | ")) < 3] == []


def test_every_named_proof_is_there() -> None:
    """
    A promise whose ``test_pN_*`` is named in a file is proved by such a test in that file.
    """
    rows = re.findall(
        r"^\| (P\d) \|.*$", text := (DOCS / "promises.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == ["P1", "P2", "P3", "P4", "P5"]
    for line in text.splitlines():
        if match := re.match(r"\| P(\d) \|", line):
            name = f"def test_p{match[1]}_"
            first = re.search(rf"`test_p{match[1]}_\*` in [^(]*\(([^)]+)\)", line)
            assert first, line
            assert name in (DOCS / first[1]).read_text(encoding="utf-8"), line


def test_the_first_configuration_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What docs/start.md says to write is a configuration.
    """
    text = (DOCS / "start.md").read_text(encoding="utf-8")
    example = text.partition("<!-- start -->")[2].partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "tracker.toml").write_text(example, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_settings().recipients_of("Blue Lantern")
