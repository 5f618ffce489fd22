"""A demo that several tests look at, each in a transaction of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from leadline.flow import rulebook
from leadline.playbooks import demo, parts
from leadline.workspace import owners
from leadline.workspace.models import User
from tests.conftest import NOW

FEW, MANY = 20, 600
"""Many: each planted effect can be told from none."""


@pytest.fixture(scope="module")
def ada_of_a_small_demo(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[User]:
    """The owner of a demo of 20 people; all of it is gone with the module."""
    with _built(FEW, django_db_blocker) as ada:
        yield ada


@pytest.fixture(scope="module")
def ada_of_a_demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """The owner of a demo of 600 people; all of it is gone with the module."""
    with _built(MANY, django_db_blocker) as ada:
        yield ada


@contextmanager
def _built(people_count: int, blocker: DjangoDbBlocker) -> Iterator[User]:
    with blocker.unblock(), transaction.atomic():
        ada = begun()
        demo.build(now=NOW, people_count=people_count)
        yield ada
        transaction.set_rollback(True)
    rulebook.forget()


def begun() -> User:
    """The owner of a workspace that is to become a demo."""
    rulebook.forget()
    ada = owners.claim(
        email="ada@example.com", password="lead line and plummet", name="Ada",
        workspace_name="Demo", time_zone="Europe/Berlin", now=NOW,
    )  # fmt: skip
    parts.apply("b2b-saas", now=NOW)
    return ada
