"""Where the real data lies: beside the project or where LEADLINE_TEST_DATA says; it may not be
shipped with it. Tests that do not find theirs say so by name."""

import csv
import gzip
import io
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def find(name: str) -> Path:
    """The data set's folder; skips the test when it is not on this machine."""
    base = Path(os.environ.get("LEADLINE_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (base / name).is_dir():
        pytest.skip(f"data not here: {name} (set LEADLINE_TEST_DATA to its parent folder)")
    return base / name


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, packed or not."""
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
