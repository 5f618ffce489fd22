"""What the deployment page and its files name exists."""

import re
from pathlib import Path

from leadline.cli.root import COMMANDS

ROOT = Path(__file__).parents[2]
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
        re.findall(r"^    (?:docker compose exec leadline )?leadline ([a-z-]+)", page, re.M)
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
