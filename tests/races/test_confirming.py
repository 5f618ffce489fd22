"""Two guesses of a password at once at an open screen are two of the five that there are."""

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from leadline.lib import clock
from leadline.web import confirming, sign_ins
from leadline.workspace.models import AuditEntry, User
from tests.races.side_by_side import at_once, meeting, unguarded
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 5


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(User, "check_password", lambda user, given: given == "right")


def request(world: World, password: str) -> HttpRequest:
    made = RequestFactory().post("/", {"password": password}, REMOTE_ADDR="203.0.113.9")
    made.user = world.ada
    return made


def answers(world: World, monkeypatch: pytest.MonkeyPatch, second: str) -> list[object]:
    """What a wrong guess and a second one are told at once, when one is left."""
    for _ in range(TRIES - 1):
        sign_ins.not_confirmed(request(world, ""))
    with meeting(monkeypatch, confirming, "_may_still_try"):
        return at_once(
            lambda: confirming.problem(request(world, "wrong")),
            lambda: confirming.problem(request(world, second)),
        )


def count(world: World) -> int:
    return AuditEntry.objects.filter(act="sign_in.failed", at__lte=clock.now()).count()


def test_of_two_wrong_ones_at_once_one_is_too_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = answers(world, monkeypatch, "also wrong")
    assert sorted(map(str, found)) == [
        "This is not your password.", "Too many tries. Wait five minutes.",
    ]  # fmt: skip
    assert count(world) == TRIES


def test_a_right_one_beside_it_is_told_so_or_that_it_was_too_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, right = answers(world, monkeypatch, "right")
    assert wrong == "This is not your password."
    assert right in ("", "Too many tries. Wait five minutes.")


def test_without_the_lock_both_are_answered_or_it_breaks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unguarded(monkeypatch):
        found = answers(world, monkeypatch, "also wrong")
    is_broken = any(isinstance(each, Exception) for each in found)
    assert is_broken or found == ["This is not your password."] * 2
