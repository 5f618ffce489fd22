"""Notifications in a real browser: switches, and what one device reads all have read."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.delivery.push_service import Reader
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


# A browser's push service is the outside world: what the page asks of it is written down.
SERVICE = """() => {
  const keys = { p256dh: "%s", auth: "%s" };
  const given = { endpoint: "https://push.example/send/1", keys };
  PushManager.prototype.subscribe = async (asked) => {
    window.asked = [asked.userVisibleOnly, asked.applicationServerKey.length];
    return { toJSON: () => given };
  };
}"""


def test_a_browser_turns_pushes_on_leaves_names_out_and_turns_them_off(
    browser: Browser, told: Site
) -> None:
    page = sites.enter(browser, told)
    page.context.grant_permissions(["notifications"], origin=told.url)
    page.goto(told.url + "/settings/notifications")
    receiver = Reader.new().receiver
    page.evaluate(SERVICE % (receiver.p256dh, receiver.auth))
    page.get_by_role("button", name="Turn on for this browser").click()
    row = page.locator(".device")
    expect(row).to_contain_text("Chrome, Linux")
    check_accessible(page, "devices")
    row.get_by_role("button", name="Leave names out").click()
    row.get_by_role("button", name="Show names").click()
    row.get_by_role("button", name="Turn off").click()
    expect(row).to_have_count(0)
    page.context.close()


def test_the_service_worker_shows_a_push_and_only_once_for_a_lead(
    browser: Browser, told: Site
) -> None:
    page = sites.enter(browser, told)
    page.context.grant_permissions(["notifications"], origin=told.url)
    session = page.context.new_cdp_session(page)
    seen: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: seen.extend(each["registrationId"] for each in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.evaluate("async () => { await navigator.serviceWorker.register('/sw.js');"
                  " await navigator.serviceWorker.ready; }")  # fmt: skip
    said = {
        "title": "Grace",
        "body": "asked for a demo",
        "path": f"/leads/{next(iter(told.leads.values()))}",
    }
    for body in ("asked for a demo", "asks again"):
        given = {"origin": told.url, "registrationId": seen[-1],
                 "data": json.dumps({**said, "body": body})}  # fmt: skip
        session.send("ServiceWorker.deliverPushMessage", given)
    page.wait_for_function(
        "async () => { const worker = await navigator.serviceWorker.ready;"
        " const shown = await worker.getNotifications();"
        " return shown.length === 1 && shown[0].body === 'asks again'; }"
    )
    page.context.close()


def test_a_colleague_is_named_by_keyboard(browser: Browser, told: Site) -> None:
    page = sites.enter(browser, told)
    page.goto(f"{told.url}/leads/{told.leads['Ingrid Dahl']}")
    text = page.locator("textarea[data-mentions]")
    text.press_sequentially("Look, @ad")
    chosen = page.locator(".colleagues [aria-selected=true]")
    expect(chosen).to_contain_text("Ada")
    expect(text).to_have_attribute("aria-activedescendant", "colleague-1")
    check_accessible(page, "colleagues")
    text.press("Enter")
    expect(text).to_have_value(re.compile(r"^Look, @Ada\S*( \S+)? $"))
    expect(page.locator(".colleagues")).to_have_count(0)
    text.press_sequentially("@")
    expect(page.locator(".colleagues [role=option]").first).to_be_visible()
    text.press("Escape")
    expect(page.locator(".colleagues")).to_have_count(0)
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator(".timeline")).to_contain_text("Look, @Ada")
    ada = sites.enter(browser, told, "ada")
    bell(ada).click()
    expect(ada.locator(".notices")).to_contain_text("mentioned you: Look, @Ada")
    for each in (page, ada):
        each.context.close()


def test_a_lead_is_followed_by_its_key(browser: Browser, told: Site) -> None:
    page = sites.enter(browser, told)
    page.goto(f"{told.url}/leads/{told.leads['Ingrid Dahl']}")
    page.keyboard.press("f")
    expect(page.locator("#follow-button")).to_contain_text("Following")
    page.keyboard.press("f")
    expect(page.locator("#follow-button")).to_have_text(re.compile(r"^\s*Follow\s*$"))
    page.context.close()
