"""The screens in German and in a language for tests: nothing is English, nothing is cut off."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from leadline.playbooks import folder, translation
from tests.web import pseudo
from tests.web import site as sites
from tests.web.site import PHONE, WIDE, Site
from tests.web.test_browser import check_width

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

SCREENS = ("/today", "/leads", "/leads?stage=sql&score=50", "/leads/new", "/scoring", "/capture",
           "/search?q=an", "/companies", "/settings/profile", "/settings/general",
           "/settings/profile/address", "/address/none",
           "/settings/notifications",
           "/settings/people", "/settings/teams", "/settings/roles", "/settings/fields",
           "/settings/fields/new", "/settings/currencies", "/settings/outbox",
           "/settings/sending", "/settings/keys", "/settings/parked", "/settings/hours",
           "/settings/trash", "/settings/system", "/settings/audit", "/leads/none", "/history",
           "/leads/lists", "/leads/lists/1", "/leads/lists/1/delete",
           "/tasks", "/sign-in/two-factor/webauthn/")  # fmt: skip
# Texts that people read, without what is data: names (bdi), codes, times zones, what was typed.
SAID = """() => {
  const data = "bdi, code, pre, kbd, script, style, datalist, textarea, .avatar, [data-name], svg";
  const shown = (each) => each.checkVisibility({visibilityProperty: true});
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, parent = node.parentElement;
    if (!parent.closest(data) && shown(parent)) found.push(node.textContent);
  }
  for (const each of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    if (!each.closest(data) && shown(each))
      for (const name of ["aria-label", "title", "placeholder"])
        if (each.hasAttribute(name)) found.push(each.getAttribute(name));
  return found.map((each) => each.trim()).filter(Boolean);
}"""
# Our own words that do not fit where they stand and are cut off there, with nothing to hover.
CUT = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.closest("bdi, pre, code, .sr-only")
    && [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
    && getComputedStyle(each).overflowX !== "visible" && each.clientWidth > 1
    && each.scrollWidth > each.clientWidth + 1
    && !each.title && !["INPUT", "SELECT", "TEXTAREA"].includes(each.tagName))
  .map((each) => each.outerHTML.slice(0, 160))"""
# Words that both languages share, and data that stands outside of `bdi`.
NOT_OURS = re.compile(
    r"Leadline|Marketing|Acme|Ada|Ben|Cleo|SQLite|EUR|English|Deutsch|Pseudo|UTC|CET|\S+@\S+|\S+/\S+|"
    r"GMT|Bytes|[A-Z]{3,5}\b|\d\w*"
)
# What the playbook calls things is the workspace's own, longest first.
OWN = sorted(
    {
        text
        for path in (folder.SHIPPED / "b2b-saas").glob("**/*.yaml")
        for text in translation.texts(
            folder.read(path.parent, path.name), str(path.relative_to(folder.SHIPPED / "b2b-saas"))
        )
    },
    key=len,
    reverse=True,
)
WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample workspace, whose people can read the language for tests."""
    locale = tmp_path_factory.mktemp("locale")
    pseudo.write(locale)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADLINE_TEST_LOCALE", str(locale))
        patch.setenv("DJANGO_SETTINGS_MODULE", "tests.web.pseudo_settings")
        with sites.running(tmp_path_factory.mktemp("foreign")) as running:
            yield running


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_nothing_on_any_screen_is_english_or_cut_off(
    browser: Browser, foreign: Site, size: tuple[int, int]
) -> None:
    sites.speak(foreign, pseudo.CODE)
    page = sites.enter(browser, foreign, "ada", size=size)
    leads = [f"/leads/{foreign.leads['Ingrid Dahl']}"]
    acts = [f"{leads[0]}/act/{verb}" for verb in ("call", "snooze", "pass", "disqualify")]
    english: dict[str, list[str]] = {}
    cut: dict[str, list[str]] = {}
    for path in (*SCREENS, *leads, *acts):
        _open(page, foreign, path)
        check_width(page, path)
        if found := _english(page):
            english[path] = found
        if found := page.evaluate(CUT):
            cut[path] = found
    page.context.close()
    assert english == {}
    assert cut == {}


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_german_fits_everywhere(browser: Browser, foreign: Site, size: tuple[int, int]) -> None:
    sites.speak(foreign, "de")
    page = sites.enter(browser, foreign, "ada", size=size)
    for path in (*SCREENS, f"/leads/{foreign.leads['Ingrid Dahl']}"):
        _open(page, foreign, path)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        check_width(page, path)
        assert page.evaluate(CUT) == [], path
    page.context.close()


def _open(page: Page, site: Site, path: str) -> None:
    page.goto(site.url + path)
    expect(page.locator("main")).to_be_visible()


def _english(page: Page) -> list[str]:
    """What was said outside of any brackets, but for the workspace's own words."""
    outside = [_outside(said) for said in page.evaluate(SAID)]
    return sorted({said for said in outside if WORD.search(said)})


def _outside(said: str) -> str:
    """The text without what stands in brackets, which may stand in each other."""
    for own in OWN:
        said = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", " ", said)
    said = NOT_OURS.sub(" ", said)
    depth, kept = 0, ""
    for sign in said:
        depth += (sign == "⟦") - (sign == "⟧")
        kept += sign if depth == 0 and sign != "⟧" else " "
    return kept
