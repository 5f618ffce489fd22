"""What stands in a log line, in both formats, and what never does."""

import json
import logging
import smtplib
import subprocess
import sys
from datetime import datetime

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from leadline.config import logs
from leadline.worker.intake import Intake
from leadline.worker.step import Step
from tests.config.console import written
from tests.conftest import NOW
from tests.worker import filling
from tests.worker.test_intake import Ours
from tests.world import World

SECRET = "Secret.Person@example.com"


def break_down(request: HttpRequest) -> HttpResponse:
    """A view that fails with what somebody typed, as a database does."""
    typed = request.GET["typed"]
    try:
        raise KeyError(typed)
    except KeyError as first:
        raise ValueError(f"Key (email)=({typed}) already exists.") from first


urlpatterns = [
    path("break-down", break_down, name="breaking"),
    path("", include("leadline.config.urls")),
]


both = pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])


@both
@pytest.mark.parametrize(
    ("method", "address", "told"),
    [
        ("GET", f"/api/v1/leads?email={SECRET}", "GET api-v1:list_leads 401"),
        ("GET", f"/join/{SECRET}", "GET join 404"),
        ("GET", f"/nowhere/{SECRET}?a={SECRET}", "GET - 404"),
        ("POST", f"/today?a={SECRET}", "POST today 405"),
        ("POST", f"/join/{SECRET}", "POST join 404"),
    ],
)
def test_a_refused_request_is_told_by_its_route_and_never_by_its_address(
    world: World, as_json: bool, method: str, address: str, told: str
) -> None:
    with written(as_json=as_json) as text:
        Client().generic(method, address, data=f"name={SECRET}")
    assert told in text()
    assert SECRET not in text()
    assert "Request" not in text()


@both
def test_a_link_to_a_new_password_does_not_reach_the_log(world: World, as_json: bool) -> None:
    address = "/sign-in/password/reset/key/1-secret-token/"
    with written(as_json=as_json) as text:
        Client().get(address)
        Client().delete(address)
        Client(enforce_csrf_checks=True).post(address)
    assert "POST account_reset_password_from_key 403" in text()
    assert "secret-token" not in text()


@both
@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_parked_is_told_by_its_number(world: World, as_json: bool) -> None:
    def refuse(*, limit: int, now: datetime) -> int:
        raise ValueError(f"Key (value)=({SECRET}) already exists.")

    filling.empty()
    filling.fill([filling.event(1)])
    step = Intake(refuse, turn=Ours(), is_wary=True, read_clock=lambda: NOW).step()
    step.longest_pause_seconds = 0.0
    with written(as_json=as_json) as text:
        for _ in range(20):
            step.attempt()
    filling.empty()
    assert "inbox row parked as" in text()
    assert SECRET not in text()


def test_a_line_for_machines_holds_method_route_and_status(world: World) -> None:
    with written(as_json=True) as text:
        Client().get(f"/api/v1/leads?email={SECRET}")
    (line,) = [json.loads(each) for each in text().splitlines() if "django.request" in each]
    assert set(line) <= logs.FIELDS
    assert (line["method"], line["status"]) == ("GET", 401)
    assert line["message"] == f"GET {line['route']} 401"


@both
@override_settings(ROOT_URLCONF=__name__)
def test_what_broke_is_told_with_its_places_and_without_what_it_held(
    world: World, as_json: bool
) -> None:
    client = Client(raise_request_exception=False)
    with written(as_json=as_json) as text:
        assert client.get("/break-down", {"typed": SECRET}).status_code == 500
    assert SECRET not in text()
    assert "GET breaking 500" in text()
    assert "test_logs.py" in text()
    assert "builtins.KeyError" in text()
    assert "builtins.ValueError" in text()


@both
@override_settings(ROOT_URLCONF=__name__, DEBUG=True)
def test_debugging_tells_no_more(world: World, as_json: bool) -> None:
    with written(as_json=as_json) as text:
        Client(raise_request_exception=False).get("/break-down", {"typed": SECRET})
    assert SECRET not in text()


def test_only_our_own_lines_go_down_to_debug() -> None:
    found = logs.configuration(json=False, level="DEBUG")
    assert found["root"] == {"handlers": ["console"], "level": "INFO"}
    loggers = found["loggers"]
    assert isinstance(loggers, dict)
    assert loggers["leadline"]["level"] == "DEBUG"
    assert loggers["django"]["level"] == "INFO"


@both
def test_a_lost_task_is_told_without_its_exception(as_json: bool) -> None:
    with written(as_json=as_json) as text:
        logging.getLogger("asyncio").error(f"Task was lost\nfuture: exception=KeyError('{SECRET}')")
        logging.getLogger("elsewhere").error(KeyError(SECRET))
    assert "Task was lost" in text()
    assert "KeyError" in text()
    assert SECRET not in text()


UNCAUGHT = """
import logging.config, sys, threading
from leadline.config import logs
logging.config.dictConfig(logs.configuration(json=sys.argv[1] == "True", level="INFO"))
logs.catch_the_rest()
def fail():
    raise ValueError("Secret.Person@example.com")
thread = threading.Thread(target=fail, name="inbox-writer")
thread.start()
thread.join()
fail()
"""


@both
def test_what_nobody_catches_ends_the_process_without_its_message(as_json: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNCAUGHT, str(as_json)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "thread inbox-writer ended by ValueError" in done.stderr
    assert done.stderr.count("ended by ValueError") == 2
    assert done.stderr.count("builtins.ValueError") == 2
    assert SECRET not in done.stdout + done.stderr


@both
def test_nobody_can_forge_a_line(as_json: bool) -> None:
    with written(as_json=as_json) as text:
        logging.getLogger("leadline").error("one\n%s", "2026-01-01 INFO two")
    assert len(text().splitlines()) == 1


@both
@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({SECRET: (550, b"no such person " + SECRET.encode())}),
        smtplib.SMTPSenderRefused(553, SECRET.encode(), SECRET),
        ValueError(f"Key (value)=({SECRET}) already exists."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_step_that_fails_tells_the_type_and_the_place(
    db: None, as_json: bool, error: Exception
) -> None:
    def fail() -> int:
        raise error

    with written(as_json=as_json) as text:
        Step("sending", fail).attempt()
    assert "sending failed" in text()
    assert type(error).__name__ in text()
    assert SECRET not in text()
