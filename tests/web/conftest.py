"""Fixtures of the screens: a browser session per person, and a lead that Ben owns."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.flow import intake
from leadline.lib import clock
from leadline.workspace.models import User
from tests import world as worlds
from tests.web import site as sites
from tests.web.site import Site
from tests.world import World


@pytest.fixture
def enter(db: None) -> Callable[[User], Client]:
    """Signs a person in; the client checks CSRF tokens only when it is told to."""

    def signed_in(user: User) -> Client:
        client = Client(REMOTE_ADDR="203.0.113.9")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def lead_id(world: World) -> UUID:
    """Grace asked for a demo two minutes ago by the real clock and went to Ben."""
    at = clock.now() - timedelta(minutes=2)
    traits = {
        "name": "Grace Lindqvist",
        "title": "VP Operations",
        "company.name": "Halvorsen Shipping",
        "company.employee_count": 320,
    }
    post = worlds.form("demo", email="grace@halvorsen.example.com", at=at, traits=traits)
    found = intake.run([post], now=at).lead_ids[0]
    assert found is not None
    return found


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample workspace with its hostile leads, served."""
    with sites.running(tmp_path_factory.mktemp("site"), "attacks") as running:
        yield running
