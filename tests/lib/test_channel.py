"""Channels come from tables, in a fixed order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import channel

OWN = frozenset({"example.com"})
TOUCHES = [  # source, medium, click id, referrer, channel
    (None, None, None, None, "direct"),
    ("", "", "", "", "direct"),
    (None, None, "gclid", None, "paid_search"),
    ("news", "email", "gclid", None, "paid_search"),
    (None, None, "dclid", None, "display"),
    (None, None, "li_fat_id", "www.linkedin.com", "paid_social"),
    (None, None, "ScCid", None, "paid_social"),
    (None, None, "fbclid", "l.facebook.com", "organic_social"),
    ("facebook", "cpc", "fbclid", None, "paid_social"),
    ("fb", "paid_social", "fbclid", None, "paid_social"),
    ("news", "email", "fbclid", None, "organic_social"),
    ("google", "cpc", None, None, "paid_search"),
    ("Google", "CPC", None, None, "paid_search"),
    ("linkedin", "cpc", None, None, "paid_social"),
    ("youtube", "cpc", None, None, "video"),
    ("unheard", "ppc", None, None, "paid_search"),
    ("google", "organic", None, None, "organic_search"),
    ("google", None, None, None, "organic_search"),
    ("x", "E-Mail", None, None, "email"),
    ("newsletter", None, None, None, "email"),
    ("gdn", "banner", None, None, "display"),
    ("bob", "affiliate", None, None, "affiliate"),
    ("acme", "referral", None, None, "referral"),
    ("acme", "sms", None, None, "sms"),
    ("acme", "podcast", None, None, "audio"),
    ("fair", "QR Code", None, None, "offline"),
    ("chatgpt.com", None, None, None, "ai_assistant"),
    ("acme", None, None, None, "other"),
    ("acme", "gibberish", None, None, "other"),
    ("(direct)", "(none)", None, None, "direct"),
    ("organic_search", None, None, None, "organic_search"),
    ("paid_search", None, None, None, "paid_search"),
    ("Direct Traffic", None, None, None, "direct"),
    ("direct_traffic", None, None, None, "direct"),
    ("unknown", None, None, None, "other"),
    ("other_publicities", None, None, None, "other"),
    (None, None, None, "www.google.co.uk", "organic_search"),
    (None, None, None, "google.de", "organic_search"),
    (None, None, None, "google.evil-site.com", "referral"),
    (None, None, None, "duckduckgo.com", "organic_search"),
    (None, None, None, "mail.google.com", "email"),
    (None, None, None, "gemini.google.com", "ai_assistant"),
    (None, None, None, "www.perplexity.ai", "ai_assistant"),
    (None, None, None, "t.co", "organic_social"),
    (None, None, None, "not-t.co", "referral"),
    (None, None, None, "m.youtube.com", "video"),
    (None, None, None, "blog.acme.org", "referral"),
    (None, None, None, "www.example.com", "direct"),
    (None, None, None, "example.com", "direct"),
    (None, None, None, "notexample.com", "referral"),
]


@pytest.mark.parametrize(("source", "medium", "click", "referrer", "expected"), TOUCHES)
def test_a_touch_has_its_channel(
    source: str | None, medium: str | None, click: str | None, referrer: str | None, expected: str
) -> None:
    assert channel.derive(source, medium, click, referrer, own_hosts=OWN) == expected


def test_an_override_stands_above_everything_and_must_be_a_channel() -> None:
    assert channel.derive("g", "cpc", "gclid", None, override="Offline") == "offline"
    assert channel.derive("g", "cpc", "gclid", None, override="nonsense") == "paid_search"


@given(*[st.none() | st.text(max_size=30)] * 4)
def test_anything_at_all_has_one_of_the_channels(
    source: str | None, medium: str | None, click: str | None, referrer: str | None
) -> None:
    assert channel.derive(source, medium, click, referrer, own_hosts=OWN) in channel.CHANNELS
