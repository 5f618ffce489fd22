"""An empty workspace with its front door."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.real_input import workspace
from tests.real_input.workspace import FrontDoor


@pytest.fixture
def door(
    db: None, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FrontDoor]:
    workspace.open_up(now)
    with workspace.front_door(now, tmp_path, monkeypatch) as door:
        yield door
