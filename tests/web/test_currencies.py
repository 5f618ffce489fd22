"""Settings, Currencies: rates come in by hand and by file, sums say what they are made of."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.workspace.models import AuditEntry, ExchangeRate, User, Workspace
from tests.world import World

Enter = Callable[[User], Client]
ADDRESS = "/settings/currencies"

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(world: World) -> None:
    """An open deal of $1,250.00 and one won for €80.00."""
    now = clock.now()
    begun = now - timedelta(days=9)
    entries = [
        Entry("USD", begun, external_id="a", amount_minor=1_250_00),
        Entry("EUR", begun, external_id="b", amount_minor=80_00, state="won", closed_at=now),
    ]
    deals.import_many(entries, because="import", now=now)


def shown(client: Client) -> str:
    return client.get(ADDRESS).content.decode()


def add(client: Client, **said: str) -> int:
    posted = {"act": "add", "day": clock.now().date().isoformat(), "currency": "usd", **said}
    return client.post(ADDRESS, posted).status_code


def test_a_sum_names_what_has_no_rate_until_it_has_one(
    world: World, enter: Enter, sold: None
) -> None:
    client = enter(world.ada)
    before = shown(client)
    assert "without USD 1,250.00" in before
    assert "≈" not in before.split("panel")[1]

    assert add(client, rate="1,25") == 302

    after = shown(client)
    assert "≈" in after
    assert "EUR 1,000.00" in after
    assert "without USD" not in after
    assert AuditEntry.objects.filter(act="rates.added").count() == 1


def test_the_banks_file_is_read_and_a_bad_one_changes_nothing(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    good = SimpleUploadedFile("eurofxref.csv", b"Date, USD, JPY, \n20 November 2026, 1.05, 163, \n")
    assert client.post(ADDRESS, {"act": "read", "file": good}).status_code == 302
    assert set(ExchangeRate.objects.values_list("currency", "rate_parts")) == {
        ("USD", 1_050_000_000_000), ("JPY", 163_000_000_000_000)
    }  # fmt: skip

    bad = SimpleUploadedFile("x.csv", b"day,currency,rate\n2026-11-20,USD,9\n2026-11-20,USD,x\n")
    refused = client.post(ADDRESS, {"act": "read", "file": bad})

    assert refused.status_code == 422
    assert "Line 3" in refused.content.decode()
    assert ExchangeRate.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"rate": "much"},
        {"rate": "-1"},
        {"rate": "1", "day": ""},
        {"rate": "1", "day": "some day"},
        {"rate": "1", "day": "3/4/2026"},
        {"rate": "1", "currency": "€"},
        {"rate": "1", "day": "2062-01-01"},
    ],
)
def test_what_is_no_rate_is_said_and_kept_in_the_form(
    world: World, enter: Enter, said: dict[str, str]
) -> None:
    client = enter(world.ada)
    assert add(client, **said) == 422
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize(
    ("way", "written", "day", "listed"),
    [("", "14 mar 2026", date(2026, 3, 14), "14 Mar 2026"),
     ("dots", "14.03.2026", date(2026, 3, 14), "14.03.2026"),
     ("slashes", "3/4/2026", date(2026, 4, 3), "03/04/2026"),
     ("month_first", "3/4/2026", date(2026, 3, 4), "03/04/2026"),
     ("month_first", "2026-04-03", date(2026, 4, 3), "04/03/2026")],
)  # fmt: skip
def test_the_day_of_a_rate_is_typed_and_read_as_its_reader_writes_days(
    world: World, enter: Enter, way: str, written: str, day: date, listed: str
) -> None:
    User.objects.filter(pk=world.ada.pk).update(date_format=way)
    client = enter(world.ada)
    assert add(client, rate="1.25", day=written) == 302
    assert ExchangeRate.objects.get().day == day
    text = shown(client)
    assert 'type="date"' not in text
    assert f'<td class="nowrap">{listed}</td>' in text


@pytest.mark.parametrize(
    ("written", "why"),
    [("some day", "Write a day, such as"), ("3/4/2026", "Day or month first?"),
     ("fri 3pm", "This is a day without a time")],
)  # fmt: skip
def test_a_day_that_means_nothing_gets_the_sentence_of_every_other_day(
    world: World, enter: Enter, written: str, why: str
) -> None:
    client = enter(world.ada)
    posted = {"act": "add", "day": written, "currency": "usd", "rate": "1.25"}
    answer = client.post(ADDRESS, posted)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert why in text
    assert f'value="{written}"' in text
    assert 'aria-invalid="true"' in text
    asked = client.get(
        "/tasks/due", {"day": written, "day_in": "day"}, headers={"HX-Request": "true"}
    )
    assert why in asked.content.decode()


def test_the_currency_of_sums_is_changed_and_noted(world: World, enter: Enter, sold: None) -> None:
    client = enter(world.ada)
    add(client, rate="1.25")

    assert client.post(ADDRESS, {"act": "base", "base": "usd"}).status_code == 302

    assert Workspace.objects.get().currency == "USD"
    after = shown(client)
    assert "USD 1,250.00" in after
    assert "USD 100.00" in after  # 80 euros at today's 1.25
    assert AuditEntry.objects.filter(act="currency.changed").count() == 1
    assert client.post(ADDRESS, {"act": "base", "base": "money"}).status_code == 422


def test_a_rate_is_removed_once(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    add(client, rate="1.25")
    number = ExchangeRate.objects.get().pk
    assert client.post(f"{ADDRESS}/{number}/remove").status_code == 302
    assert client.post(f"{ADDRESS}/{number}/remove").status_code == 404


def test_reps_have_no_such_page(world: World, enter: Enter) -> None:
    assert enter(world.ben).get(ADDRESS).status_code == 403


def test_a_company_shows_what_its_deals_come_to(world: World, enter: Enter, lead_id: UUID) -> None:
    firm = Lead.objects.get(pk=lead_id).company_id
    begun = clock.now() - timedelta(days=9)
    entries = [
        Entry(code, begun, external_id=code, amount_minor=100_00, lead_id=lead_id, company_id=firm)
        for code in ("EUR", "USD", "GBP")
    ]
    deals.import_many(entries, because="import", now=clock.now())
    add(enter(world.ada), rate="1.25")

    page = enter(world.ben).get(f"/companies/{firm}").content.decode()

    assert "EUR 180.00" in page
    assert "without GBP 100.00" in page


@pytest.mark.parametrize(
    ("megabytes", "said"), [(11, "a zip must be unpacked"), (15.99, "a zip must"),
                            (16.01, "larger than 16 MB"), (30, "larger than 16 MB")],
)  # fmt: skip
def test_a_file_is_read_up_to_what_this_page_takes(
    world: World, enter: Enter, megabytes: float, said: str
) -> None:
    """Eleven megabytes are too many for a file on a lead, not for the rates of all days."""
    content = b"\xff" * int(megabytes * 1_000_000)
    given = SimpleUploadedFile("rates.csv", content, content_type="text/csv")
    answer = enter(world.ada).post(ADDRESS, {"act": "read", "file": given})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_the_limit_is_that_of_the_page_also_where_the_token_is_looked_for_first(
    world: World, enter: Enter
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.ada, backend="django.contrib.auth.backends.ModelBackend")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown(client))
    assert token is not None
    given = SimpleUploadedFile("rates.csv", b"\xff" * 11_000_000, content_type="text/csv")
    sent = {"csrfmiddlewaretoken": token[1], "act": "read", "file": given}
    answer = client.post(ADDRESS, sent)
    assert "a zip must be unpacked" in answer.content.decode()
    assert "no file was chosen" in client.post(ADDRESS, {**sent, "file": ""}).content.decode()
