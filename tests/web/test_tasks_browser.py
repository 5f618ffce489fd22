"""Tasks by keyboard and by hand in a real browser: planned, put off, ticked off, taken back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site
from tests.web.test_browser import check_accessible, check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with sites.running(tmp_path_factory.mktemp("tasks")) as running:
        yield running


def _lead(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/leads/{site.leads[name]}")


def test_t_plans_a_task_and_the_date_is_understood_while_it_is_typed(
    browser: Browser, planned: Site
) -> None:
    page = sites.enter(browser, planned)
    _lead(page, planned, "Ingrid Dahl")
    page.keyboard.press("t")
    form = page.locator(".open form.composer")
    expect(form.locator("[name=text]")).to_be_focused()
    page.keyboard.type("Send the quote")
    form.locator("[name=due]").fill("whenever")
    expect(form.locator(".understood")).to_contain_text("Write a day")
    form.locator("[name=due]").fill("tomorrow 3pm")
    expect(form.locator(".understood")).to_contain_text("15:00")
    form.locator("[name=due]").press("Enter")
    steps = page.locator(".next-steps")
    expect(steps).to_contain_text("Send the quote")
    expect(steps).to_contain_text("Tomorrow, 15:00")
    expect(page.locator("#toasts")).to_contain_text("Task for Ingrid Dahl")
    page.locator(".kinds-filter h2").click()
    page.keyboard.press("Control+z")
    expect(page.locator(".next-steps")).to_have_count(0)
    assert page.evaluate("window.refused") == []
    page.context.close()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_task_is_put_off_and_ticked_off_where_it_stands(
    browser: Browser, planned: Site, size: tuple[int, int]
) -> None:
    page = sites.enter(browser, planned, size=size)
    _lead(page, planned, "Mei-Ling Chen")
    page.locator(".composer .kinds label", has_text="Task").click()
    plan = page.locator("form.of-task")
    plan.locator("[name=text]").fill(f"Call on {size[0]}")
    plan.locator("[name=due]").fill("today 23:59")
    expect(plan.locator(".understood")).to_contain_text("23:59")
    check_width(page, "the composer")
    check_accessible(page, "the composer")
    plan.locator("button.primary").click()
    line = page.locator(".next-steps .task", has_text=f"Call on {size[0]}")
    expect(line).to_contain_text("Today, 23:59")
    line.locator(".what a").click()
    form = page.locator(".next-steps form.task-form")
    expect(form.locator("[name=text]")).to_be_focused()
    check_width(page, "the form of a task")
    check_accessible(page, "the form of a task")
    form.get_by_role("button", name="Tomorrow").click()
    expect(line).to_contain_text("Tomorrow")
    line.locator(".tick").click()
    expect(line).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text(f"Done: Call on {size[0]}")
    page.locator("[data-undo]").last.click()
    expect(line).to_have_count(1)
    page.context.close()


def test_after_a_log_the_next_step_is_one_click_away(browser: Browser, planned: Site) -> None:
    page = sites.enter(browser, planned)
    _lead(page, planned, "Oluwaseun Adeyemi")
    page.fill(".middle .composer textarea", "Left a message")
    page.click(".middle .composer button.primary")
    ask = page.locator("[data-ask]")
    expect(ask).to_contain_text("Next step?")
    check_accessible(page, "the question")
    ask.get_by_role("button", name="In 3 days").click()
    expect(page.locator(".next-steps")).to_contain_text("Follow up")
    expect(ask).to_have_count(0)
    page.context.close()


def test_today_shows_what_is_due_and_one_click_is_enough(browser: Browser, planned: Site) -> None:
    page = sites.enter(browser, planned)
    page.locator("#today .queue li").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Control+k")
    page.locator("#palette input").fill("plan a task")
    page.locator("#found [role=option]", has_text="Plan a task").click()
    form = page.locator("#today .open form.composer")
    form.locator("[name=text]").fill("Ask for the budget")
    form.locator("[name=due]").fill("today 23:58")
    form.locator("button.primary").click()
    line = page.locator("#today .task", has_text="Ask for the budget")
    expect(line).to_contain_text("Today, 23:58")
    line.locator(".tick").click()
    expect(line).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Done: Ask for the budget")
    page.context.close()
