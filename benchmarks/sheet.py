"""The load file of 100,000 made-up leads, from the folder of real data beside the project."""

import gzip
import os
import shutil
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = "synthetic_leads_100k/leads100k.csv.gz"


class Missing(Exception):
    """The file is not here: it is not part of the project."""


def path() -> Path:
    folder = Path(os.environ.get("LEADLINE_TEST_DATA", ROOT.parent / "shared" / "data"))
    found = folder / NAME
    if not found.exists():
        raise Missing(f"{NAME} is not in {folder}; set LEADLINE_TEST_DATA.")
    return found


def copy_to(place: Path, *, most: int | None = None) -> None:
    """Unpack it, or its first `most` rows."""
    with gzip.open(path()) as source, place.open("wb") as target:
        if most is None:
            shutil.copyfileobj(source, target)
        else:
            target.writelines(islice(source, most + 1))
