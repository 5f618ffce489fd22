"""The drawing of the flow, read from .importlinter: one list for imports and foreign keys."""

import configparser
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "leadline"


@cache
def heights() -> dict[str, int]:
    """Package → its height above the ground; packages beside each other have the same."""
    drawing = configparser.ConfigParser()
    drawing.read(ROOT / ".importlinter")
    lines = drawing["importlinter:contract:flow"]["layers"].split("\n")
    layers = [line.strip() for line in lines if line.strip()]
    return {
        package.strip(): height
        for height, layer in enumerate(reversed(layers))
        for package in layer.split("|")
    }


def packages() -> list[str]:
    return sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))


def modules() -> Iterator[Path]:
    """Every module of ours, migrations left out."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path
