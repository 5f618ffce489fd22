"""Notifications in a real browser: switches, and what one device reads all have read."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web import site as sites
from tests.web.site import PHONE, Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("told")) as running:
        yield running


def bell(page: Page) -> Locator:
    return page.locator("#notices > summary")


def count(page: Page, number: int) -> None:
    label = re.compile(rf"^{number} new notification")
    expect(bell(page)).to_have_attribute("aria-label", label, timeout=10_000)


def test_switches_are_turned_by_keyboard_and_stay(browser: Browser, told: Site) -> None:
    page = sites.enter(browser, told, size=PHONE)
    page.goto(told.url + "/settings/notifications")
    box = page.get_by_role("checkbox", name="A colleague mentions you: Mail")
    expect(box).to_be_checked()
    box.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="A colleague mentions you: Mail")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="A colleague mentions you: Bell")).to_be_checked()
    page.context.close()


def test_less_of_this_leads_to_its_switches(browser: Browser, told: Site) -> None:
    page = sites.enter(browser, told)
    bell(page).click()
    page.locator(".why-told summary").first.click()
    expect(page.get_by_text("You are told because").first).to_be_visible()
    check_accessible(page, "the bell")
    check_width(page, "the bell")
    page.get_by_role("link", name="Less of this").first.click()
    expect(page).to_have_url(re.compile(r"/settings/notifications#\w+$"))
    page.context.close()


def test_what_is_read_on_one_device_is_read_on_all(browser: Browser, told: Site) -> None:
    laptop, phone = sites.enter(browser, told), sites.enter(browser, told, size=PHONE)
    for page in (laptop, phone):
        bell(page).click()
    laptop.get_by_role("button", name="Mark all as read").click()
    for each in (laptop, phone):
        count(each, 0)
    told.arrive("new@navy.example", "Zoe Barnes")
    for each in (laptop, phone):
        count(each, 1)
    # Opening the lead is reading it, wherever one comes from.
    bell(phone).click()
    phone.get_by_role("link", name="Zoe Barnes").first.click()
    for each in (laptop, phone):
        count(each, 0)
    for each in (laptop, phone):
        each.context.close()
