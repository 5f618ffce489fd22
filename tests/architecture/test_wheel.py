"""A wheel of the project is enough to serve: it carries what was built and everything data."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILT = ("app.css", "app.js", "icons.svg", "leadline.js", "mark.svg", "passkeys.js", "set_up.js")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in a wheel built from this folder."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def test_the_built_assets_are_in_it(names: set[str]) -> None:
    assert {f"leadline/web/static/built/{name}" for name in BUILT} <= names


def test_templates_playbooks_and_migrations_are_in_it(names: set[str]) -> None:
    for pattern in (
        "web/jinja2/**/*.html", "web/public/**/*.html", "api/*.jinja", "playbooks/**/*.yaml",
        "playbooks/**/*.csv", "playbooks/**/*.md", "*/migrations/*.py",
        "locale/*/LC_MESSAGES/*.mo", "lib/*.txt",
    ):  # fmt: skip
        wanted = {str(p.relative_to(ROOT)) for p in (ROOT / "leadline").glob(pattern)}
        assert wanted
        assert wanted <= names


def test_nothing_but_the_package_is_in_it(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"leadline"}
    assert not [name for name in names if name.endswith((".pyc", ".sqlite3", "secret_key"))]
