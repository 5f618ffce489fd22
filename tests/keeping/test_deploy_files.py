"""What the deployment page and its files name exists."""

import json
import os
import re
import subprocess
from pathlib import Path

from leadline.cli.root import COMMANDS

ROOT = Path(__file__).parents[2]
PATH = os.environ["PATH"]
DEBIANS_NODE = 18
FILES = [ROOT / "docs" / "deploy.md", *sorted((ROOT / "deploy").iterdir())]


def test_every_setting_they_name_is_read() -> None:
    read = set(
        re.findall(r"LEADLINE_[A-Z_]+", (ROOT / "leadline/config/environment.py").read_text())
    )
    # The compose file's own variable.
    known = read | {"LEADLINE_HOST"}
    for file in FILES:
        named = set(re.findall(r"LEADLINE_[A-Z_]*[A-Z]", file.read_text()))
        assert named - known == set(), file.name


def test_every_command_they_name_exists() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    named = set(
        re.findall(
            r"^    (?:docker compose (?:exec|run --rm) leadline )?leadline ([a-z-]+)", page, re.M
        )
    )
    named |= set(re.findall(r"`leadline ([a-z-]+)", page))
    assert {"setup", "doctor", "backup", "restore", "upgrade", "move", "resume-sending"} <= named
    assert named <= set(COMMANDS)


def test_every_file_that_the_page_installs_is_there() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    named = set(re.findall(r"deploy/([A-Za-z.]+)", page))
    assert named <= {path.name for path in (ROOT / "deploy").iterdir()}
    assert {"leadline.service", "Caddyfile", "environment", "leadline"} <= named


def test_the_service_may_write_where_its_settings_point() -> None:
    unit = (ROOT / "deploy" / "leadline.service").read_text()
    settings = (ROOT / "deploy" / "environment").read_text()
    folders = set(re.findall(r"^LEADLINE_(?:DATA|BACKUPS)=(\S+)", settings, re.M))
    allowed = re.search(r"^ReadWritePaths=(.*)$", unit, re.M)
    assert allowed is not None
    assert folders == set(allowed[1].split())


def test_the_command_line_reads_the_settings_as_the_service_does(tmp_path: Path) -> None:
    """As systemd does: no shell looks at a value, and a pair of quotes is no part of it."""
    settings = tmp_path / "environment"
    settings.write_text(
        "# LEADLINE_LOG_JSON=1\n\n"
        "LEADLINE_EMAIL_URL=smtp+tls://me:a$b&c(d)@mail.example.com:587\n"
        'LEADLINE_DATA="/var/lib/lead line"'
    )
    script = (ROOT / "deploy" / "leadline").read_text()
    for theirs, ours in (
        ("/etc/leadline/environment", str(settings)),
        ("runuser -u leadline -- /opt/leadline/.venv/bin/leadline", "env"),
    ):
        assert theirs in script
        script = script.replace(theirs, ours)
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env={"PATH": PATH}
    )
    named = {line for line in done.stdout.splitlines() if line.startswith("LEADLINE_")}
    assert named == {
        "LEADLINE_EMAIL_URL=smtp+tls://me:a$b&c(d)@mail.example.com:587",
        "LEADLINE_DATA=/var/lib/lead line",
    }


def test_debians_node_is_enough_for_a_server(tmp_path: Path) -> None:
    """The page installs Debian's npm: `make server` takes it, and so does what is locked."""
    for name, said in (("node", f"v{DEBIANS_NODE}.20.4"), ("npm", "9.2.0")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {said}\n")
        (tmp_path / name).chmod(0o755)
    subprocess.run(
        ["scripts/node.sh", "server"], cwd=ROOT, env={"PATH": f"{tmp_path}:{PATH}"}, check=True
    )
    assert "scripts/node.sh $(FOR)" in (ROOT / "Makefile").read_text()
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    asked = {name: each["engines"]["node"] for name, each in packages.items() if "engines" in each}
    assert asked
    for name, node in asked.items():
        least = re.fullmatch(r">=\s*(\d+)[.\d]*", node)
        assert least is not None, (name, node)
        assert int(least[1]) <= DEBIANS_NODE, (name, node)


def test_every_make_target_they_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    for file in FILES:
        named = set(re.findall(r"(?:^    |`)make ([a-z]+)", file.read_text(), re.M))
        assert named <= targets, file.name


def test_the_container_compiles_the_texts_with_the_locked_babel() -> None:
    locked = re.search(r'name = "babel"\nversion = "([^"]+)"', (ROOT / "uv.lock").read_text())
    assert locked is not None
    assert f"babel=={locked[1]} " in (ROOT / "deploy" / "Containerfile").read_text()
    uv = re.search(r"UV_VERSION=(\S+)", (ROOT / "scripts" / "sync.sh").read_text())
    assert uv is not None
    assert f"uv=={uv[1]}\n" in (ROOT / "deploy" / "Containerfile").read_text()


def test_what_needs_the_folder_for_itself_is_not_run_inside_the_running_container() -> None:
    sources = ROOT / "leadline" / "cli"
    alone = {
        command
        for command, (module, _) in COMMANDS.items()
        if "folder_lock.InUse" in (sources / f"{module}.py").read_text()
    }
    assert {"setup", "restore", "upgrade"} <= alone
    page = (ROOT / "docs" / "deploy.md").read_text()
    inside = set(re.findall(r"^    docker compose exec leadline leadline ([a-z-]+)", page, re.M))
    assert inside
    assert inside & alone == set()
