"""Every address that shows something is looked at in the language for tests: nothing is English."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from leadline.flow import rulebook
from leadline.lib import clock
from leadline.workspace.models import User
from tests.web import looks, matrix, pseudo, said, sample, test_roles_matrix
from tests.world import World

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
Enter = Callable[[User], Client]
Ids = Mapping[str, Mapping[str, object]]

ids = test_roles_matrix.ids  # the fixture: what exists, by the parts of paths

EXCEPT = {
    "": "leads to Today",
    "settings": "leads to the profile",
    "sign-in/login/": "is closed and answers like an address of nobody",
    "sign-in/logout/": "is closed",
    "sign-in/signup/": "is closed",
    "sign-in/email/": "is closed",
    "sign-in/confirm-email/": "is closed",
    "sign-in/password/set/": "is closed",
    "sign-in/login/code/confirm/": "is closed",
    r"sign-in/confirm-email/(?P<key>[-:\w]+)/$": "is closed",
    "sign-in/two-factor/recovery-codes/download/": "is a file",
    "sign-in/two-factor/webauthn/login/": "answers a script",
    "sign-in/two-factor/webauthn/reauthenticate/": "wants a passkey, which only a browser has",
    "leads/<uuid:lead_id>/files/<uuid:file_id>": "is a file",
}
"""Addresses that show nothing of their own, by their path, with the reason."""


@pytest.fixture(scope="module")
def locale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    pseudo.write(folder)
    return folder


@pytest.fixture
def world(db: None, settings: LazySettings, locale: Path) -> Iterator[World]:
    """The sample workspace with a playbook, people and browsers of the language for tests."""
    settings.LANGUAGES = [*settings.LANGUAGES, (pseudo.CODE, "Pseudo")]
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, locale]
    built = sample.build(clock.now() - timedelta(minutes=1), language=pseudo.CODE).world
    User.objects.update(language=pseudo.CODE)
    for person in (built.ada, built.ben, built.cleo):
        person.refresh_from_db()
    cache.clear()
    yield built
    rulebook.forget()


def test_nothing_that_any_address_shows_is_english(world: World, enter: Enter, ids: Ids) -> None:
    sample.mark()
    english: dict[str, str] = {}
    looked_at: set[str] = set()
    for address, answer in looks.all_of(world, ids, enter):
        if "html" not in answer.get("Content-Type", "") or answer.status_code in (301, 302):
            continue
        texts = said.texts(answer.content.decode())
        if answer.resolver_match is not None and answer.status_code != 404:
            looked_at.add(answer.resolver_match.route.replace("^", ""))
        for text in said.english(texts):
            english.setdefault(text, address)
    assert english == {}
    shown = {path.replace("^", "") for path, method in matrix.written() if method == "GET"}
    shown = {path for path in shown if not path.startswith("api/")}
    assert shown - looked_at - EXCEPT.keys() == set(), "show it here, or say why it shows nothing"
    assert EXCEPT.keys() - shown == set()
