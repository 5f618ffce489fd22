"""One spelling for each mailbox (G01): recognition and suppression rest on this table."""

import email.headerregistry

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadline.lib import email_address
from leadline.lib.email_address import NotAnAddress, canonical

LOCAL_64 = "x" * 64
LABEL_63 = "y" * 63
TOTAL_254 = f"{LOCAL_64}@{LABEL_63}.{LABEL_63}.{'z' * 57}.com"

CANONICAL = {
    "ada@example.com": "ada@example.com",
    "  Ada@Example.COM \r\n": "ada@example.com",
    "mailto:Ada@Example.com": "ada@example.com",
    "MAILTO: ada@example.com": "ada@example.com",
    "ada+news@example.com": "ada+news@example.com",
    "a.d.a@gmail.com": "a.d.a@gmail.com",
    "o'brien@example.ie": "o'brien@example.ie",
    "x@münchen.de": "x@xn--mnchen-3ya.de",
    "x@MÜNCHEN.de": "x@xn--mnchen-3ya.de",
    "x@mu\u0308nchen.de": "x@xn--mnchen-3ya.de",  # NFD
    "x@xn--mnchen-3ya.de": "x@xn--mnchen-3ya.de",
    "x@XN--MNCHEN-3YA.DE": "x@xn--mnchen-3ya.de",
    "x@faß.de": "x@xn--fa-hia.de",  # IDNA 2008: not fass.de
    "a@ｂ.co": "a@b.co",
    "a@b。co": "a@b.co",
    "a@x.com.": "a@x.com",
    "admin@аpple.com": "admin@xn--pple-43d.com",  # Cyrillic а
    "a@\u212aelvin.com": "a@kelvin.com",  # the Kelvin sign is a k, by UTS 46 and by Unicode
    "a@مثال.إختبار": "a@xn--mgbh0fb.xn--kgbechtv",
    "\u00a0a@b.co\u3000": "a@b.co",
    "a@sub.b-c.co": "a@sub.b-c.co",
    "a@r3---sn.example.com": "a@r3---sn.example.com",
    "1@2.co": "1@2.co",
    "a@example.test": "a@example.test",
    f"{LOCAL_64}@b.co": f"{LOCAL_64}@b.co",
    TOTAL_254: TOTAL_254,
}

REFUSED = {
    "": "empty",
    "   ": "empty",
    "mailto:": "empty",
    "ada": "no @",
    "@example.com": "before the @",
    "ada@": "domain",
    "a@localhost": "no dot",
    "a@@b.co": "before the @",
    ".a@b.co": "before the @",
    "a.@b.co": "before the @",
    "a..b@b.co": "before the @",
    "a@b..co": "domain",
    "a@.co": "domain",
    "a@-b.co": "domain",
    "a@b-.co": "domain",
    "a@b_c.co": "domain",
    "a@b.co/x": "domain",
    "a@℀.co": "domain",  # maps to a/c
    "a@xn--a.com": "domain",
    "a@xn--mnchen.com": "domain",
    "a@1.2.3.4": "IP address",
    "a@[1.2.3.4]": "IP address",
    "a@[IPv6:::1]": "IP address",
    '"a@b"@c.co': "quoted",
    '"a b"@c.co': "alone",
    "ü@x.com": "SMTPUTF8",
    "аdmin@x.com": "SMTPUTF8",  # Cyrillic а
    "ａ@x.com": "SMTPUTF8",  # fullwidth
    "用户@例子.广告": "SMTPUTF8",
    "-oQ/tmp@x.co": "hyphen",
    "a@b.co, c@d.co": "one address",
    "a@b.co;c@d.co": "one address",
    "a@b.co c@d.co": "one address",
    "<a@b.co>": "one address",
    "Ada <a@b.co>": "one address",
    "a(comment)@b.co": "one address",
    "group: a@b.co;": "one address",
    "a@b.co?subject=x": "domain",
    "mailto:mailto:a@b.co": "before the @",
    "a@b.co\nBcc: v@x.com": "invisible",
    "a@b.co\u200b": "U+200B",
    "\u200ba@b.co": "U+200B",
    "a\u00ad@b.co": "U+00AD",
    "a@b\u200d.co": "U+200D",
    "\u202ea@b.co": "U+202E",
    "\ufeffa@b.co": "U+FEFF",
    "a@b.co\x00": "U+0000",
    "a\ud800@b.co": "U+D800",
    f"x{LOCAL_64}@b.co": "64",
    f"x{TOTAL_254[1:]}m": "254",
    "a@" + "münchen." * 30 + "de": "domain",
    "a@" + f"{LABEL_63}y.co": "domain",
    "x" * 10_000 + "@b.co": "characters",
    "@" * 500: "before the @",
}


@pytest.mark.parametrize(("written", "expected"), CANONICAL.items())
def test_every_spelling_becomes_the_canonical_one(written: str, expected: str) -> None:
    assert canonical(written) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(("written", "reason"), REFUSED.items())
def test_what_is_no_single_address_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(NotAnAddress) as refusal:
        canonical(written)
    assert reason in refusal.value.reason
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize("found", [None, 5, b"a@b.co", ["a@b.co"], {"email": "a@b.co"}])
def test_what_is_no_text_is_no_address(found: object) -> None:
    with pytest.raises(NotAnAddress):
        canonical(found)  # type: ignore[arg-type]  # what JSON may hold


@given(st.from_regex(email_address._PLAIN, fullmatch=True))
@example("A!#$%&'*+/=?^_`{|}~-.B@A-1.B--C.dE-f")
def test_the_fast_path_is_the_careful_path(plain: str) -> None:
    try:
        careful = email_address._careful(plain)
    except NotAnAddress:
        careful = None
    if careful is None:  # only length can stand against it
        with pytest.raises(NotAnAddress):
            canonical(plain)
    else:
        assert canonical(plain) == careful == plain.lower()


@given(
    st.one_of(
        st.text(max_size=40),
        st.emails(),
        st.builds("{}@{}.{}".format, *[st.text("aZ9.-_ßüаｂ。\u200b ", max_size=8)] * 3),
    )
)
def test_canonical_is_idempotent_and_always_fit_for_smtp(written: str) -> None:
    try:
        once = canonical(written)
    except NotAnAddress:
        return
    assert canonical(once) == once
    assert once.isascii()
    assert once == once.lower()
    parsed = email.headerregistry.Address(addr_spec=once)
    assert f"{parsed.username}@{parsed.domain}" == once


@given(st.emails())
def test_case_never_makes_another_person(written: str) -> None:
    try:
        expected = canonical(written)
    except NotAnAddress:
        return
    assert canonical(written.swapcase()) == expected


def test_free_mail_domains_are_canonical_and_known() -> None:
    domains = email_address.free_mail_domains()
    assert len(domains) >= 150
    assert all(canonical(f"a@{domain}") == f"a@{domain}" for domain in domains)
    assert email_address.is_free_mail(email_address.domain(canonical("Ada@GMail.com")))
    assert not email_address.is_free_mail("example.com")
