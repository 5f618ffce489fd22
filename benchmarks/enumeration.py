"""Whether the time of an answer tells who is known here: known and unknown in turn, 1,000 times.

Signing in with a wrong password, asking for a new password (without a mail server, with one, and
with one that is down), changing one's own address to one that is free or taken, following an
invitation that was used or never made, a form sent by a lead or by a stranger. Prints JSON: by how
many percent the medians differ, beside by how many those of two halves of the same kind do: what
is below that nobody can see.

    .venv/bin/python -m benchmarks.enumeration [--times 1000] [--postgres]
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks import report
from benchmarks.report import Figure, Limit
from tests.worker import tree
from tests.worker.tree import Tree

APART_PERCENT = 5
WARM_UP = 5
PASSWORD = "correct horse battery"
UP: dict[str, object] = {"EMAIL_HOST": "mail.example"}
# Nobody listens there: what were sent at once would fail at once.
DOWN: dict[str, object] = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": 9}
Ask = Callable[[int], int]
"""Ask for the n-th time; the status of the answer."""
Door = tuple[Ask, Ask]
"""As somebody who is known, and as nobody."""
Times = tuple[list[float], list[float]]


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--times", type=int, default=1_000)
    options = arguments.parse_args()
    if options.small:
        options.times = 2
    found: dict[str, Times] = {}
    with report.database(postgres=options.postgres), ExitStack() as stack:
        with tree.served(Path(stack.enter_context(TemporaryDirectory())) / "data") as served:
            found["form"] = taken(of_a_form(served), options.times)
        os.environ["LEADLINE_DATA"] = stack.enter_context(TemporaryDirectory())
        prepare(stack)
        for name, door in doors().items():
            found[name] = taken(door, options.times)
        for state, server in {"with mail": UP, "mail down": DOWN}.items():
            with mail(server):
                for name, door in doors_with_mail().items():
                    found[f"{name}, {state}"] = taken(door, options.times)
    figures = [figure(name, times) for name, times in found.items()]
    medians = {
        name: {"known_ms": median(times[0]), "unknown_ms": median(times[1])}
        for name, times in found.items()
    }
    report.show(figures, options=options, details={"times": options.times, "medians": medians})


def prepare(stack: ExitStack) -> None:
    """A workspace with Ada, Ben and Cleo."""
    os.environ["LEADLINE_LOG_LEVEL"] = "CRITICAL"
    os.environ["DJANGO_SETTINGS_MODULE"] = "leadline.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from leadline.lib import clock, memory
    from tests import world as worlds

    stack.callback(connection.close)
    call_command("migrate", verbosity=0)
    world = worlds.build(clock.now())
    for person in (world.ada, world.ben, world.cleo):
        person.set_password(PASSWORD)
        person.save()
    memory.settle()  # as the web process does


def doors() -> dict[str, Door]:
    """What a stranger can ask without a mail server."""
    used = used_up()
    return {
        "sign in": asks("/sign-in/", "login", password="a wrong one"),
        "new password": asks("/sign-in/password/reset/", "email"),
        "invitation": (
            lambda n: browser().get(f"/join/{used}").status_code,
            lambda n: browser().get(f"/join/{n:0>{len(used)}}").status_code,
        ),
    }


def doors_with_mail() -> dict[str, Door]:
    """What a mail goes out of, also to who is signed in."""
    ben, own = browser(signed_in="ben@acme.example"), "/settings/profile/address"

    def change(address: str) -> int:
        return int(ben.post(own, {"email": address, "password": PASSWORD}).status_code)

    return {
        "new password": asks("/sign-in/password/reset/", "email"),
        "own address": (
            lambda n: change("ada@acme.example"),
            lambda n: change(f"free{n}@acme.example"),
        ),
    }


def asks(path: str, field: str, **said: str) -> Door:
    """A form that asks for an address, sent by who has not signed in."""

    def send(address: str) -> int:
        return int(browser().post(path, {field: address, **said}).status_code)

    return lambda n: send("ben@acme.example"), lambda n: send(f"none{n}@acme.example")


def of_a_form(served: Tree) -> Door:
    """A form on a site, through the front door, by a lead and by people who were never here."""
    client = httpx.Client(base_url=served.url, timeout=20)

    def send(address: str) -> int:
        return client.post("/f/newsletter", data={"email": address}).status_code

    return lambda n: send("grace@navy.example.com"), lambda n: send(f"p{n}@navy.example.com")


def browser(*, signed_in: str = "") -> Any:  # Any: Django is set up only by now
    from django.test import Client

    from leadline.workspace.models import User

    found = Client(headers={"host": "localhost"})
    if signed_in:
        user = User.objects.get(email=signed_in)
        found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


def used_up() -> str:
    """The token of an invitation that somebody has followed."""
    from leadline.lib import clock
    from leadline.workspace import audit, invitations
    from leadline.workspace.invitations import Person, Seat
    from leadline.workspace.models import User

    by, now = audit.by(User.objects.get(email="ada@acme.example"), origin=""), clock.now()
    _row, token = invitations.make(Seat("rep"), email="", by=by, now=now)
    dora = Person(name="Dora", email="dora@acme.example", password=PASSWORD, time_zone="UTC",
                  language="en")  # fmt: skip
    invitations.accept(token, dora, origin="", now=now)
    return token


@contextmanager
def mail(server: dict[str, object]) -> Iterator[None]:
    """A mail server is set; what is written to it waits for the worker, and there is none."""
    from django.conf import settings

    before = settings.ENVIRONMENT
    settings.ENVIRONMENT = replace(before, email=server)
    yield
    settings.ENVIRONMENT = before


def taken(door: Door, times: int) -> Times:
    """Milliseconds of known and unknown, asked in turn, after some that nobody counts."""
    found: Times = ([], [])
    statuses = set()
    warm = min(WARM_UP, times)
    for number in range(warm + times):
        # Not always the same one first: it would pay for what both leave behind.
        for kind in (0, 1) if number % 2 else (1, 0):
            forget_attempts()
            start = time.perf_counter()
            statuses.add(door[kind](number))
            found[kind].append((time.perf_counter() - start) * 1_000)
    if len(statuses) != 1:
        raise RuntimeError(f"known and unknown are told apart by {statuses}")
    return found[0][warm:], found[1][warm:]


def forget_attempts() -> None:
    """Whoever guesses a thousand times is slowed down, known or not."""
    from django.conf import settings

    if settings.configured:
        from django.core.cache import cache

        from leadline.workspace.models import AddressChange

        cache.clear()
        AddressChange.objects.all().delete()


def figure(name: str, times: Times) -> Figure:
    known, unknown = times
    halves = apart(unknown[::2], unknown[1::2])
    return Figure(
        f"{name}: known and unknown apart", apart(known, unknown), "%",
        Limit(halves, "two halves of the unknown"), at_most=APART_PERCENT,
    )  # fmt: skip


def apart(one: list[float], other: list[float]) -> float:
    """By how many percent the medians differ, never 0."""
    share = abs(median(one) - median(other)) / median([*one, *other])
    return max(round(share * 100, 2), 0.01)


if __name__ == "__main__":
    main()
