"""
The files under ``deploy/``, as far as they can be checked where no container engine runs.
"""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from tracker.cli import app
from tracker.settings import known_keys

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "deploy" / "systemd"
CONTAINER = ROOT / "deploy" / "container"
UNITS = sorted(SYSTEMD.glob("*.service")) + sorted(SYSTEMD.glob("*.timer"))
_IMAGE = re.compile(r"[a-z0-9./-]+:\d+(\.\d+)+[a-z0-9.-]*")
_VARIABLE = re.compile(r"\bTRACKER_[A-Z0-9_]+\b")


class Repeating(dict[str, Any]):
    """
    Keys of a unit may stand several times: their values are kept in a list.
    """

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def unit(path: Path) -> configparser.RawConfigParser:
    """
    A unit's sections; lists hold what stands several times.
    """
    parsed = configparser.RawConfigParser(
        strict=False, dict_type=Repeating, delimiters=("=",), comment_prefixes=("#", ";")
    )
    parsed.optionxform = str  # type: ignore[assignment, method-assign]
    parsed.read(path, encoding="utf-8")
    return parsed


def lines_of(path: Path, key: str) -> list[str]:
    """
    Each value of the key in the file, remarks left out.
    """
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def is_command(words: list[str]) -> bool:
    """
    True when ``tracker`` has the command.
    """
    return CliRunner().invoke(app, [words[0], "--help"]).exit_code == 0


def compose() -> dict[str, Any]:
    """
    The compose file.
    """
    found: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    return found


def known_variables() -> set[str]:
    """
    Every variable that a setting is read from, and where the file is named.
    """
    names = {name for name, _ in known_keys()}
    return names | {f"{name}_FILE" for name in names} | {"TRACKER_CONFIG"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists(path: Path) -> None:
    """
    Its sections are a unit's, and what it starts is one of our commands.
    """
    sections = set(unit(path).sections())
    assert "Unit" in sections
    assert sections <= {"Unit", "Service", "Timer", "Install"}
    for start in lines_of(path, "ExecStart"):
        program, *words = shlex.split(start)
        assert program == "/opt/scan-tracker/.venv/bin/tracker"
        assert is_command(words)
    if path.suffix == ".timer":
        assert path.with_suffix(".service").is_file()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_understands_the_unit(path: Path, tmp_path: Path) -> None:
    """
    ``systemd-analyze verify`` has nothing to say about it, the program's own path apart.
    """
    for one in UNITS:
        text = one.read_text().replace("/opt/scan-tracker/.venv/bin/tracker", "/bin/true")
        (tmp_path / one.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / path.name)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    ours = [line for line in done.stderr.splitlines() if "scan-tracker" in line]
    assert ours == []


def test_the_service_is_shut_in_and_ends_in_time() -> None:
    """
    A user of its own, one folder to write, secrets as credentials, and time enough to stop.
    """
    service = dict(unit(SYSTEMD / "scan-tracker.service")["Service"])
    wanted = {
        "DynamicUser": "yes",
        "StateDirectory": "scan-tracker",
        "ProtectSystem": "strict",
        "NoNewPrivileges": "yes",
        "Restart": "on-failure",
        "CapabilityBoundingSet": "",
    }
    assert {key: service[key] for key in wanted} == wanted
    assert int(service["TimeoutStopSec"]) > 10
    path = SYSTEMD / "scan-tracker.service"
    credentials = {one.partition(":")[0] for one in lines_of(path, "#?LoadCredential")}
    used = set(re.findall(r"%d/([\w-]+)", path.read_text()))
    assert used == credentials


@pytest.mark.parametrize(
    "path",
    [*UNITS, CONTAINER / "compose.yaml", CONTAINER / "Containerfile", ROOT / "docs" / "server.md"],
    ids=lambda path: path.name,
)
def test_every_variable_named_is_a_setting(path: Path) -> None:
    """
    A misspelt variable would stop the service at its start.
    """
    assert set(_VARIABLE.findall(path.read_text(encoding="utf-8"))) <= known_variables()


def test_compose_is_of_its_form() -> None:
    """
    Images are pinned, secrets and volumes declared, the port is this machine's, health is asked.
    """
    found = compose()
    assert set(found) == {"name", "services", "networks", "volumes", "secrets"}
    for service in found["services"].values():
        assert _IMAGE.fullmatch(service["image"]), service["image"]
        assert set(service["secrets"]) <= set(found["secrets"])
        named = {one.partition(":")[0] for one in service["volumes"]}
        assert {one for one in named if not one.startswith(".")} <= set(found["volumes"])
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        for variable, value in service["environment"].items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]
    tracker = found["services"]["watcher"]
    assert all(port.startswith("127.0.0.1:") for port in tracker["ports"])
    [network] = found["networks"]["default"]["ipam"]["config"]
    assert ip_address(network["gateway"]) in ip_network(network["subnet"])
    assert network["gateway"] in tracker["environment"]["TRACKER_WEB__TRUSTED_PROXIES"]
    assert is_command(tracker["command"][1:])
    assert "/healthz" in " ".join(tracker["healthcheck"]["test"])
    assert tracker["depends_on"]["database"]["condition"] == "service_healthy"
    build = tracker["build"]
    assert (CONTAINER / build["context"] / build["dockerfile"]).is_file()
    assert (CONTAINER / build["context"]).resolve() == ROOT


def instructions() -> list[tuple[str, str]]:
    """
    The Containerfile's instructions with their lines joined.
    """
    text = (CONTAINER / "Containerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2]) for line in text.splitlines() if line.strip()]


def test_the_container_is_built_of_what_exists() -> None:
    """
    Pinned images, files that are there and not ignored, an init process, and no root.
    """
    listed = instructions()
    assert listed[0][0] == "FROM"
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for what, rest in listed:
        if what == "FROM":
            assert _IMAGE.fullmatch(rest.split()[0])
        if what == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                assert (ROOT / name).exists()
                assert f"!{name}" in ignored
    last = dict(listed)
    assert last["USER"] == "tracker"
    assert last["ENTRYPOINT"] == '["tini", "--"]'
    assert "tini" in next(rest for what, rest in reversed(listed) if what == "RUN")
    assert last["CMD"] == '["tracker", "run"]'
    assert "/healthz" in last["HEALTHCHECK"]


def test_constraints_of_the_container_are_plain_pins(tmp_path: Path) -> None:
    """
    What its ``sed`` makes of the lock is a pin a line, with nothing left of the hashes.
    """
    run = next(rest for what, rest in instructions() if what == "RUN" and "sed" in rest)
    command = run.partition(">")[0].strip()
    made = subprocess.run(
        shlex.split(command), cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    pins = [line for line in made.splitlines() if line.strip()]
    assert len(pins) > 50
    assert all(re.match(r"^[a-zA-Z0-9._-]+(\[[\w,]+\])?==\S+( *;.*)?$", pin) for pin in pins)


def test_every_file_that_the_page_names_is_there() -> None:
    """
    docs/server.md names no file of the repository that does not exist.
    """
    text = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bdeploy/[\w./-]+\w", text))
    assert {path.relative_to(ROOT).as_posix() for path in UNITS} <= named
    assert all((ROOT / name).exists() for name in named)
