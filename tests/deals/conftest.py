"""The house whose deals these are."""

from datetime import datetime

import pytest

from leadline.workspace.models import Workspace


@pytest.fixture(autouse=True)
def workspace(db: None, now: datetime) -> Workspace:
    return Workspace.objects.create(
        id=1, name="Acme", time_zone="Europe/Berlin", currency="EUR", created_at=now
    )
