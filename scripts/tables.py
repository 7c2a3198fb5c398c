"""
Writes the tables of docs/settings.md, docs/commands.md and docs/portals.md anew from the code.

Each table stands between two marker comments; everything else in the files is written by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.main

from tracker.cli import app
from tracker.profiles import AskProfile, PortalProfile, ReadProfile
from tracker.settings import PREFIX, settings_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[1] / "docs"
BEGIN = "<!-- table: written by `make tables` -->"
END = "<!-- end of the table -->"


def main() -> None:
    """
    Brings the documents up to date.
    """
    for name, table in tables().items():
        path = DOCS / name
        path.write_text(with_table(path.read_text(encoding="utf-8"), table), encoding="utf-8")


def tables() -> dict[str, str]:
    """
    Each document's table as the code has it now.
    """
    return {
        "settings.md": "\n".join(settings_table()),
        "commands.md": "\n".join(commands_table()),
        "portals.md": "\n".join(profile_table()),
    }


def with_table(text: str, table: str) -> str:
    """
    The document with its table replaced; raises ``ValueError`` when the markers are missing.
    """
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the markers {BEGIN} and {END} are missing")
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"


def settings_table() -> Iterator[str]:
    """
    One row for each setting: key, variable, default, meaning.
    """
    yield "| key | environment | default | meaning |"
    yield "|---|---|---|---|"
    for path, field in settings_fields():
        variable = PREFIX + "__".join(part.upper() for part in path)
        cells = (f"`{'.'.join(path)}`", f"`{variable}`", shown(field.default), field.description)
        yield row(*cells)


def profile_table() -> Iterator[str]:
    """
    One row for each key of a portal profile: key, default, meaning.
    """
    yield "| key | default | meaning |"
    yield "|---|---|---|"
    sections = (("", PortalProfile), ("ask.", AskProfile), ("read.", ReadProfile))
    for prefix, model in sections:
        for name, field in model.model_fields.items():
            if field.description:
                yield row(f"`{prefix}{name}`", shown(field.default), field.description)


def shown(default: object) -> str:
    """
    A default as a person would write it; nothing for "none".
    """
    if default is None or default == ():
        return ""
    if isinstance(default, tuple):
        return f"`{', '.join(map(str, default))}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def row(*cells: str) -> str:
    """
    One table row; a vertical bar inside a cell does not end it.
    """
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


def commands_table() -> Iterator[str]:
    """
    One row for each command: how it is called, what it does, its options.
    """
    yield "| command | does | options |"
    yield "|---|---|---|"
    for words, command in commands(typer.main.get_command(app), ("tracker",)):
        arguments = [usage(one) for one in command.params if one.param_type_name == "argument"]
        options = [option(one) for one in command.params if one.param_type_name == "option"]
        help_text = (command.help or "").partition("\n\n")[0]
        shown_options = "<br>".join(filter(None, options))
        yield row(f"`{' '.join([*words, *arguments])}`", help_text, shown_options)


def commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """
    Each command that does something, with the words that call it.
    """
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, one in inner.items():
        yield from commands(one, (*words, name))


def usage(argument: Any) -> str:
    """
    An argument as usage lines write it.
    """
    name = (argument.metavar or argument.name or "").upper().strip("[].")
    return f"{name}..." if argument.nargs == -1 else name


def option(parameter: Any) -> str:
    """
    An option with its help; nothing for ``--help`` itself.
    """
    if parameter.name == "help":
        return ""
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    return f"{names}: {parameter.help}" if parameter.help else names


if __name__ == "__main__":
    main()
