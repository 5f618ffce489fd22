"""Signing in without a password and with a second factor, as a person does it in a browser.

The browser brings an authenticator of its own (DevTools' virtual one), because no machine that
runs tests has a fingerprint reader. Passkeys belong to a name, so the pages are visited as
`localhost`; an address of digits can have none.
"""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from pysqlite3 import dbapi2 as sqlite3

from tests.web import sample
from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Served under a name, as passkeys need it."""
    with sites.running(tmp_path_factory.mktemp("sign-in")) as running:
        running.url = running.url.replace("127.0.0.1", "localhost")
        yield running


@pytest.fixture
def site(served: Site) -> Site:
    """Nobody has a second factor yet, or has signed in lately."""
    served.cookies.clear()
    with closing(sqlite3.connect(served.data / "leadline.sqlite3", timeout=20)) as file, file:
        file.execute("DELETE FROM mfa_authenticator")
    return served


def _authenticator(page: Page) -> tuple[CDPSession, str]:
    """A fingerprint reader that always says yes, and keeps its keys."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
               "hasUserVerification": True, "isUserVerified": True,
               "automaticPresenceSimulation": True}  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(made["authenticatorId"])


def _to_two_factors(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/settings/profile")
    page.click("text=Set up a second factor")
    page.wait_for_url("**/two-factor/")


def _confirm_password(page: Page) -> None:
    page.wait_for_url("**/reauthenticate/**")
    page.fill("[name=password]", sample.PASSWORD)
    page.press("[name=password]", "Enter")


def _sign_out(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/today")
    page.click(".top summary:has(.avatar)")
    page.click("text=Sign out")
    page.wait_for_url("**/sign-in/**")


def _give_password(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/sign-in/")
    page.fill("[name=login]", "ben@acme.example")
    page.fill("[name=password]", sample.PASSWORD)
    page.press("[name=password]", "Enter")


def _code(secret: str, at: float) -> str:
    """What an authenticator app shows (RFC 6238, 30 s, six digits)."""
    digest = hmac.new(base64.b32decode(secret), int(at // 30).to_bytes(8, "big"), hashlib.sha1)
    start = digest.digest()[-1] & 15
    number = int.from_bytes(digest.digest()[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def _add_passkey(page: Page, site: Site) -> None:
    _to_two_factors(page, site)
    page.click("a[href$='webauthn/add/']")
    _confirm_password(page)
    page.wait_for_url("**/webauthn/add/")
    page.fill("[name=name]", "Ben's laptop")
    expect(page.locator("[name=passwordless]")).to_be_checked()
    page.click("#mfa_webauthn_add")
    page.wait_for_url(re.compile("webauthn/$|recovery-codes"))


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_passkey_is_added_and_signs_in_without_a_password(
    browser: Browser, site: Site, size: tuple[int, int]
) -> None:
    page = sites.enter(browser, site, "ben", size=size)
    session, authenticator = _authenticator(page)
    _add_passkey(page, site)
    page.goto(f"{site.url}/sign-in/two-factor/webauthn/")
    expect(page.locator("main")).to_contain_text("Ben's laptop")
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    assert [each["rpId"] for each in kept["credentials"]] == ["localhost"]

    _sign_out(page, site)
    page.click("text=Sign in with a passkey")
    page.wait_for_url("**/today")
    assert page.evaluate("window.refused") == []
    expect(page.locator(".queue")).to_be_visible()
    page.context.close()


def test_whoever_has_a_passkey_shows_it_before_the_address_changes(
    browser: Browser, site: Site
) -> None:
    page = sites.enter(browser, site, "ada")
    _authenticator(page)
    _add_passkey(page, site)
    page.goto(f"{site.url}/settings/profile/address")
    page.click("text=Show your passkey first")
    page.wait_for_url("**/webauthn/reauthenticate/**")
    page.click("#mfa_webauthn_reauthenticate")
    page.wait_for_url("**/settings/profile/address")
    expect(page.locator("[name=code]")).to_have_count(0)
    page.fill("[name=email]", "ada.new@acme.example")
    page.fill("[name=password]", sample.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/settings/profile/address?done=1")
    expect(page.locator(".note-box.good")).to_contain_text("Changed.")
    expect(page.locator("main")).to_contain_text("ada.new@acme.example")
    page.context.close()


def test_a_passkey_that_is_unknown_or_refused_says_so(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    session, authenticator = _authenticator(page)
    _sign_out(page, site)
    session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False}
    )
    page.click("text=Sign in with a passkey")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The passkey was not used", timeout=20_000)
    assert page.url.endswith("/sign-in/")
    page.context.close()


def test_where_passkeys_cannot_work_nobody_is_offered_one(browser: Browser, site: Site) -> None:
    page = browser.new_page()
    page.goto(site.url.replace("localhost", "127.0.0.1") + "/sign-in/")
    expect(page.get_by_text("Sign in with a passkey")).to_be_hidden()
    page.goto(f"{site.url}/sign-in/")
    expect(page.get_by_text("Sign in with a passkey")).to_be_visible()
    page.close()


def test_a_passkey_is_renamed_and_removed(browser: Browser, site: Site) -> None:
    page = sites.enter(browser, site, "ben")
    _authenticator(page)
    _add_passkey(page, site)
    page.goto(f"{site.url}/sign-in/two-factor/webauthn/")
    page.click("text=Edit")
    page.fill("[name=name]", "Ben's phone")
    page.press("[name=name]", "Enter")
    expect(page.locator("main")).to_contain_text("Ben's phone")
    page.click("text=Remove")
    page.click("main form button >> nth=0")
    page.wait_for_url("**/webauthn/")
    expect(page.locator("main")).not_to_contain_text("Ben's phone")
    page.context.close()


def test_an_app_is_the_second_factor_and_recovery_codes_replace_it(
    browser: Browser, site: Site
) -> None:
    page = sites.enter(browser, site, "ben")
    _to_two_factors(page, site)
    page.click("text=Activate")
    _confirm_password(page)
    page.wait_for_url("**/totp/activate/")
    assert page.evaluate("document.querySelector('.qr img').naturalWidth") > 0
    secret = page.input_value("#authenticator_secret")
    page.fill("[name=code]", _code(secret, time.time()))
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/recovery-codes/")
    codes = re.findall(r"[0-9a-f]{8}", page.input_value("main textarea"))
    assert len(codes) == 10

    _sign_out(page, site)
    _give_password(page, site)
    page.wait_for_url("**/two-factor/authenticate/")
    page.fill("form:not(#webauthn_form) [name=code]", _code(secret, time.time() + 30))
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/today")

    _sign_out(page, site)
    _give_password(page, site)
    page.fill("[name=code]", codes[0])
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/today")

    _sign_out(page, site)
    _give_password(page, site)
    page.fill("[name=code]", codes[0])
    page.press("[name=code]", "Enter")
    expect(page.locator("main")).to_contain_text("Incorrect code")
    assert page.evaluate("window.refused") == []
    page.context.close()
