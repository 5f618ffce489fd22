"""Inbox rows as submissions: names, times, identifiers, traits, where somebody came from."""

import json
from typing import Any

import msgspec
import pytest

from leadline.capture import unpack
from leadline.capture.inbox import Row
from leadline.capture.submission import Submission
from leadline.lib import clock

AT = 1_773_135_000_000_000  # 2026-03-10T09:30:00Z
DAY = 20_522  # 2026-03-10


def row(route: str, body: object, **changes: Any) -> Row:
    fields: dict[str, Any] = {
        "id": 1,
        "received_us": AT,
        "source": "key:1",
        "route": route,
        "is_trusted": True,
        "is_history": False,
        "meta": "{}",
        "body": json.dumps(body).encode(),
    }
    return Row(**{**fields, **changes})


def one(route: str, body: object, **changes: Any) -> Submission:
    (submission,) = unpack.unpack([row(route, body, **changes)])
    return submission


@pytest.mark.parametrize(
    ("route", "fields", "name"),
    [
        ("track", {"event": "Signed Up"}, "Signed Up"),
        ("track", {"event": " Signed\u200b Up\u202e "}, "Signed Up"),
        ("page", {"name": "Home"}, "Page Viewed"),
        ("screen", {"name": "Home"}, "Screen Viewed"),
        ("identify", {}, "Identified"),
        ("group", {"groupId": "g1"}, "Group Identified"),
        ("alias", {"previousId": "a1"}, "Alias"),
    ],
)
def test_each_kind_has_its_event_name(route: str, fields: dict[str, str], name: str) -> None:
    said = one(route, {"userId": "u1", **fields})
    assert (said.kind, said.name) == (route, name)


def test_identifiers_are_clean_text_and_numbers_become_text() -> None:
    said = one("alias", {"userId": 42, "previousId": " a1\u200b ", "anonymousId": ""})
    assert (said.user_id, said.previous_id, said.anonymous_id) == ("42", "a1", None)


def test_a_wrong_client_clock_is_set_right_by_the_time_of_sending() -> None:
    # The client is 3 days behind: 09:00 there when it happened, 09:10 there when it sent.
    said = one(
        "track",
        {
            "event": "A",
            "userId": "u",
            "timestamp": "2026-03-07T09:00:00Z",
            "sentAt": "2026-03-07T09:10:00Z",
        },
    )
    assert said.occurred_us == AT - 10 * clock.MINUTE
    assert said.seen_day == DAY - 3
    assert said.flag == ""


def test_the_time_of_sending_of_a_batch_counts_for_its_items() -> None:
    said = one(
        "batch",
        {
            "batch": [
                {
                    "type": "track",
                    "event": "A",
                    "userId": "u",
                    "originalTimestamp": "2026-03-10T08:00:00Z",
                    "timestamp": "2020-01-01T00:00:00Z",
                }
            ],
            "sentAt": "2026-03-10T08:30:00Z",
        },
    )
    assert said.occurred_us == AT - 30 * clock.MINUTE


@pytest.mark.parametrize(
    ("stamp", "is_trusted", "is_history", "flag"),
    [
        ("2026-03-03T09:31:00Z", False, False, ""),
        ("2026-03-03T09:29:00Z", False, False, "time_out_of_range"),
        ("2026-03-03T09:29:00Z", True, False, ""),
        ("1999-12-31T23:59:59Z", True, True, ""),
        ("0001-01-01T00:00:00Z", True, True, ""),
        ("0001-01-01T00:00:00Z", False, False, "time_out_of_range"),
        ("2026-03-10T09:39:00Z", False, False, ""),
        ("2026-03-10T09:41:00Z", False, False, "time_out_of_range"),
        ("2026-03-10T09:41:00Z", True, False, "time_out_of_range"),
        ("9999-12-31T23:59:59Z", True, True, "time_out_of_range"),
    ],
)
def test_times_out_of_range_are_flagged_and_kept(
    stamp: str, is_trusted: bool, is_history: bool, flag: str
) -> None:
    body = {"event": "A", "userId": "u", "timestamp": stamp}
    said = one("track", body, is_trusted=is_trusted, is_history=is_history)
    assert said.flag == flag
    assert clock.from_micros(said.occurred_us).isoformat()[:19] + "Z" == stamp


def test_a_time_beyond_the_calendar_falls_back_to_the_time_of_receipt() -> None:
    body = {
        "event": "A",
        "userId": "u",
        "timestamp": "9999-12-31T00:00:00Z",
        "sentAt": "0001-01-01T00:00:00Z",
    }
    said = one("track", body)
    assert (said.occurred_us, said.flag) == (AT, "time_out_of_range")


def test_only_a_trusted_key_can_bring_history() -> None:
    item = {"type": "track", "event": "A", "userId": "u", "history": True}
    assert one("batch", {"batch": [item]}).is_history
    assert not one("batch", {"batch": [item]}, is_trusted=False).is_history


def test_an_event_without_a_time_happened_when_it_was_received() -> None:
    said = one("track", {"event": "A", "userId": "u"})
    assert (said.occurred_us, said.seen_day) == (AT, DAY)


def test_traits_get_our_names_and_canonical_identifiers() -> None:
    said = one(
        "identify",
        {
            "userId": "u",
            "traits": {
                "firstName": "Ada",
                "Last Name": "Lovelace",
                "EMAIL": " Ada@Example.COM ",
                "phone": "+49 30 901820",
                "jobTitle": "CTO",
                "favouriteColour": "green",
                "plan": None,
                "website": "n/a",
                "address": {"city": "London", "postalCode": "N1", "state": "LDN"},
                "company": {
                    "name": "Example Ltd",
                    "employee_count": "50-200",
                    "industry": "Software",
                },
            },
        },
    )
    assert (said.email, said.phone) == ("ada@example.com", "+4930901820")
    assert said.traits == {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+49 30 901820",
        "title": "CTO",
        "favourite_colour": "green",
        "city": "London",
        "postal_code": "N1",
        "region": "LDN",
        "company.name": "Example Ltd",
        "company.employee_count": 50,
        "company.industry": "Software",
    }
    assert said.problems == ()


def test_group_traits_are_about_the_company() -> None:
    said = one(
        "group",
        {"userId": "u", "groupId": "g1", "traits": {"name": "Example", "employees": 1200}},
    )
    assert said.group_id == "g1"
    assert said.traits == {"company.name": "Example", "company.employee_count": 1200}


def test_what_cannot_be_read_is_named_and_stays_in_the_raw_record() -> None:
    body = {
        "userId": "u",
        "traits": {"email": "not an address", "phone": "call me", "bio": "x" * 3_000},
    }
    said = one("identify", body)
    assert said.email is None
    assert said.phone is None
    assert [problem.split(":")[0] for problem in said.problems] == ["email", "bio", "phone"]
    assert len(str(said.traits["bio"])) == 2_000
    assert json.loads(said.raw) == body


def test_a_national_phone_number_is_read_with_the_country_beside_it() -> None:
    traits = {"phone": "030 901820", "country": "de"}
    assert one("identify", {"userId": "u", "traits": traits}).phone == "+4930901820"


def test_a_page_shows_its_path_without_the_query() -> None:
    said = one(
        "page",
        {
            "anonymousId": "a",
            "name": "Pricing",
            "properties": {
                "url": "https://example.com/pricing?utm_source=News&utm_medium=Email&mc_eid=abc",
                "path": "/pricing?email=ada@example.com",
                "title": "Our <b>prices</b>",
                "referrer": "https://www.google.com/search?q=private",
            },
        },
    )
    assert said.properties == {
        "name": "Pricing",
        "path": "/pricing",
        "title": "Our <b>prices</b>",
        "search": "?utm_source=News&utm_medium=Email",
        "referrer": "https://www.google.com/search",
    }
    assert said.context["source"] == "news"
    assert said.context["medium"] == "email"
    assert said.context["referrer_host"] == "www.google.com"
    assert said.context["landing_page"] == "/pricing"
    assert "abc" not in json.dumps([said.properties, said.context])


def test_the_context_gives_campaign_click_id_and_device() -> None:
    said = one(
        "track",
        {
            "event": "Visit Started",
            "anonymousId": "a",
            "context": {
                "campaign": {"name": "Spring", "source": "Bing", "medium": "cpc"},
                "page": {"url": "https://example.com/?msclkid=xyz", "referrer": ""},
                "userAgent": "Mozilla/5.0",
                "timezone": "Europe/Berlin",
                "locale": "de-DE",
                "ip": "203.0.113.9",
            },
        },
    )
    assert said.context == {
        "campaign": "spring",
        "source": "bing",
        "medium": "cpc",
        "click_id_name": "msclkid",
        "click_id": "xyz",
        "landing_page": "/",
        "own_host": "example.com",
        "is_arrival": True,
        "user_agent": "Mozilla/5.0",
        "locale": "de-DE",
        "time_zone": "Europe/Berlin",
    }


@pytest.mark.parametrize(
    ("agent", "actor"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "machine"),
        ("facebookexternalhit/1.1", "machine"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "human"),
        ("Mozilla/5.0 CUBOT_X18 Build", "human"),
        (None, "human"),
    ],
)
def test_a_program_that_says_so_is_no_human(agent: str | None, actor: str) -> None:
    body = {"event": "A", "anonymousId": "a", "context": {"userAgent": agent}}
    assert one("track", body).actor == actor


def test_a_batch_gives_its_accepted_items_in_order_with_their_own_raw_text() -> None:
    items = [{"type": "track", "event": name, "userId": "u", "messageId": name} for name in "ABC"]
    found = unpack.unpack([row("batch", {"batch": items}, meta='{"rejected":[1]}')])
    assert [said.name for said in found] == ["A", "C"]
    assert [json.loads(said.raw) for said in found] == [items[0], items[2]]


def test_items_without_ids_get_different_ones_and_the_same_again() -> None:
    items = [{"type": "track", "event": "A", "userId": "u"}] * 2
    first, second = unpack.unpack([row("batch", {"batch": items})])
    assert first.message_id != second.message_id
    again = unpack.unpack([row("batch", {"batch": items})])
    assert [said.message_id for said in again] == [first.message_id, second.message_id]


def test_a_write_key_inside_an_item_is_not_kept() -> None:
    item = {"type": "track", "event": "A", "userId": "u", "writeKey": "secret"}
    assert "secret" not in one("batch", {"batch": [item]}).raw


def test_an_external_id_names_its_system() -> None:
    context = {"externalIds": [{"type": "hubspot_id", "id": 123, "collection": "users"}]}
    said = one("identify", {"userId": "u", "context": context})
    assert said.external_id == "hubspot:123"


FORM = {
    "form": "demo",
    "purpose": "demo",
    "message_id": "form-1",
    "state": "accepted",
    "reason": "",
    "values": {"email": "ada@example.com", "company": "Example Ltd", "company_size": "10-49"},
    "consents": [
        {
            "purpose": "marketing",
            "channel": "email",
            "state": "granted",
            "text": "Yes",
            "text_version": 3,
        }
    ],
    "page": "https://example.com/p/start?utm_source=ads&gclid=g1",
    "referrer": "https://www.google.com/",
    "first_page": "",
    "first_referrer": "",
    "anonymous_id": "v1",
    "time_zone": "Europe/Paris",
    "user_agent": "Mozilla/5.0",
    "gpc": True,
    "posted": {"email": ["ada@example.com", "b@example.com"], "utm_term": ["crm"]},
}


def test_a_form_is_one_event_with_its_purpose_and_consents() -> None:
    said = one("form", FORM, source="form:demo", is_trusted=False)
    assert (said.kind, said.name) == ("form", "Form Submitted")
    assert said.properties == {"form": "demo", "purpose": "demo", "page": "/p/start"}
    assert (said.email, said.anonymous_id) == ("ada@example.com", "v1")
    assert said.traits == {
        "company.name": "Example Ltd",
        "company.employee_count": 10,
        "time_zone": "Europe/Paris",
    }
    assert said.consents[0].text_version == 3
    assert said.context["source"] == "ads"
    assert said.context["term"] == "crm"
    assert said.context["click_id"] == "g1"
    assert said.context["gpc"] is True
    assert said.flag == ""


def test_suspected_spam_is_kept_and_flagged() -> None:
    spam = {**FORM, "state": "suspected_spam", "reason": "honeypot"}
    assert one("form", spam).flag == "suspected_spam"


def test_somebody_who_left_no_address_is_kept_as_a_visitor() -> None:
    silent = {**FORM, "values": {"message": "Hello?"}, "anonymous_id": ""}
    assert one("form", silent).anonymous_id == "form-1"


def test_the_first_page_speaks_when_the_page_of_the_form_is_silent() -> None:
    clicked_on = {
        **FORM,
        "page": "https://example.com/contact",
        "referrer": "https://example.com/",
        "first_page": "https://example.com/?utm_source=partner",
        "posted": {},
    }
    said = one("form", clicked_on)
    assert said.context["source"] == "partner"
    assert said.context["landing_page"] == "/"
    assert said.properties["page"] == "/contact"


def test_counts_give_no_submission_and_are_read_apart() -> None:
    stored = {"name": "Page Viewed", "host": "example.com", "path": "/", "referrer": ""}
    rows = [row("count", stored, is_trusted=False)]
    assert unpack.unpack(rows) == []
    assert unpack.counted(rows) == [unpack.Counted(AT, "Page Viewed", "example.com", "/", "")]


def test_a_row_that_cannot_be_unpacked_names_itself() -> None:
    with pytest.raises(unpack.NotUnpackable, match="row 7"):
        unpack.unpack([msgspec.structs.replace(row("track", {}, id=7), body=b"\xff{")])
