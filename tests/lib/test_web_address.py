"""Page addresses, campaigns and click ids of strangers (G09, B01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import web_address

PAGES = {
    "https://Example.COM/Pricing?b=1&utm_source=X#top": (
        "example.com",
        "/Pricing",
        {"b": "1", "utm_source": "X"},
        "https://example.com/Pricing?b=1&utm_source=X",
    ),
    "HTTP://example.com": ("example.com", "/", {}, "http://example.com/"),
    " https://example.com/ ": ("example.com", "/", {}, "https://example.com/"),
    "https://example.com:443/a": ("example.com", "/a", {}, "https://example.com/a"),
    "http://example.com:8080?x=1": (
        "example.com",
        "/",
        {"x": "1"},
        "http://example.com:8080/?x=1",
    ),
    "https://münchen.de/": ("xn--mnchen-3ya.de", "/", {}, "https://xn--mnchen-3ya.de/"),
    "https://example.com./": ("example.com", "/", {}, "https://example.com/"),
    "http://[::1]/": ("[::1]", "/", {}, "http://[::1]/"),
    "http://localhost:8000/": ("localhost", "/", {}, "http://localhost:8000/"),
    "https://e.co/?a=1&a=2&b=%C3%A9+x&c": (
        "e.co",
        "/",
        {"a": "1", "b": "é x", "c": ""},
        "https://e.co/?a=1&a=2&b=%C3%A9+x&c",
    ),
    "https://e.co/?mc_eid=9&x=1&_hsenc=p&MKT_TOK=q": (
        "e.co",
        "/",
        {"x": "1"},
        "https://e.co/?x=1",
    ),
    "https://e.co/?x=%00%ff%e2%80%ae": ("e.co", "/", {"x": "\ufffd"}, None),
}
NO_PAGES = (
    "",
    "/pricing",
    "example.com",
    "//example.com/",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://example.com/",
    "mailto:a@b.co",
    "https:/example.com",
    "https://",
    "https:///x",
    "https://good\\@evil.com/",
    "https://good.com\\evil",
    "https://user:secret@example.com/",
    "https://user@example.com/",
    "ht\ttps://example.com/",
    "https://exam\nple.com/",
    "https://example.com/a b",
    "https://example.com/\x00",
    "https://example..com/",
    "https://exa%6dple.com/",
    "http://[fe80::1%25eth0]/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://example.com:8o/",
    "https://\ud800.com/",
    "x" * 100_000,
    None,
    5,
    b"https://example.com/",
    {"url": "https://example.com/"},
)


@pytest.mark.parametrize(("written", "expected"), PAGES.items())
def test_a_page_comes_apart(
    written: str, expected: tuple[str, str, dict[str, str], str | None]
) -> None:
    page = web_address.page(written)
    assert page is not None
    assert (page.host, page.path, dict(page.params)) == expected[:3]
    assert expected[3] in (None, page.url)


@pytest.mark.parametrize("written", NO_PAGES, ids=lambda v: repr(v)[:30])
def test_what_two_parsers_could_read_in_two_ways_is_no_page(written: object) -> None:
    assert web_address.page(written) is None


@pytest.mark.parametrize("tail", ["a" * 10_000, "?" + "x=1&" * 5_000, "?q=" + "%" * 10_000])
def test_ten_thousand_characters_are_bounded_not_refused(tail: str) -> None:
    page = web_address.page(f"https://e.co/{tail}")
    assert page is not None
    assert len(page.url) <= 2_048
    assert len(page.path) <= 1_024
    assert all(len(value) <= 255 for value in page.params.values())


@given(st.text() | st.builds("https://{}/{}".format, st.text(max_size=20), st.text(max_size=20)))
def test_no_text_raises_and_a_page_stays_the_same_page(written: str) -> None:
    page = web_address.page(written)
    if page is not None:
        assert web_address.page(page.url) == page


def test_a_campaign_is_lower_case_and_bounded_and_the_raw_one_as_typed() -> None:
    params = {
        "utm_source": " News\u202eletter ",
        "utm_medium": "E-Mail",
        "utm_campaign": "x" * 300,
        "utm_id": "",
        "utm_creative_format": "Video",
        "gclid": "no campaign",
    }
    found = web_address.campaign(params)
    assert found == {
        "source": "newsletter",
        "medium": "e-mail",
        "campaign": "x" * 255,
        "creative_format": "video",
    }
    assert web_address.campaign_raw(params)["source"] == "Newsletter"


def test_a_segment_campaign_has_the_same_keys() -> None:
    context = {"name": "Spring", "source": "Google", "medium": "CPC", "term": 5, "other": "x"}
    assert web_address.campaign_of_context(context) == {
        "campaign": "spring",
        "source": "google",
        "medium": "cpc",
    }


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, None),
        ({"gclid": "abc"}, ("gclid", "abc")),
        ({"GCLID": "abc"}, ("gclid", "abc")),
        ({"fbclid": "f", "gclid": "g"}, ("gclid", "g")),
        ({"sccid": "s"}, ("ScCid", "s")),
        ({"gclid": ""}, None),
        ({"li_fat_id": "y" * 999}, ("li_fat_id", "y" * 255)),
        ({"mc_cid": "m"}, None),
    ],
)
def test_the_first_known_click_id_is_found(
    params: dict[str, str], found: tuple[str, str] | None
) -> None:
    assert web_address.click_id(params) == found


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("http://127.0.0.1:8090", True), ("http://localhost:8090/join/x", True),
        ("http://[::1]:8090", True), ("http://leads.localhost", True),
        ("https://leads.example.com", False), ("http://192.168.1.20:8090", False),
        ("https://localhost.example.com", False), ("", False),
    ],
)  # fmt: skip
def test_some_addresses_work_on_this_computer_only(address: str, is_here: bool) -> None:
    assert web_address.is_this_computer(address) is is_here
