"""How long after a press something is seen of it: a real browser on a served sample workspace.

From the browser's own time of the key or the pointer to the end of the first frame that shows what
was asked for: the panel, the form, the mark on the row; of what is written, that it looks done
(the form closed, the step in its colour), which the server's answer confirms or takes back. When
that answer was seen is told beside it and held to nothing. Each interaction many times, what it
did taken back in between. Server and browser share the machine, so the network's way is in no
figure. Prints JSON: p95 of each interaction and of all presses, beside an attribute that a press
sets by itself.

    .venv/bin/python -m benchmarks.presses [--presses 30] [--postgres]
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from benchmarks import report
from benchmarks.pages import spread
from benchmarks.report import Figure, Limit
from tests import browser as browsers
from tests.web import site as sites
from tests.web.site import Site

MOST_MS = 100
"""`At once`: an action shows its result within 100 ms."""
CROWD = 120
# Waits for a press, then looks at every frame; the answer comes once that frame has been painted.
_ARM = """(conditions) => {
  let began = null;
  const begin = (event) => { began ??= event.timeStamp; };
  addEventListener("keydown", begin, { capture: true });
  addEventListener("pointerdown", begin, { capture: true });
  window.measured = Promise.all(conditions.map((condition) => new Promise((resolve) => {
    const holds = new Function(`return Boolean(${condition})`);
    const painted = new MessageChannel();
    painted.port1.onmessage = () => resolve(performance.now() - began);
    const look = () => {
      if (began !== null && holds()) painted.port2.postMessage(0);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })));
}"""
_BARE = """() => addEventListener("keydown", (event) => {
  if (event.key === "F9") document.body.dataset.pressed = event.timeStamp;
})"""


@dataclass(frozen=True)
class Press:
    """One interaction: where it is done, how to get ready, what is pressed, when it is seen."""

    name: str
    path: str
    ready: Callable[[Page], object]
    press: Callable[[Page], object]
    seen: str
    # What the server's answer brings, where something is seen before it.
    answered: str = ""


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--presses", type=int, default=30)
    options = arguments.parse_args()
    count = 2 if options.small else options.presses
    with served(postgres=options.postgres) as site, browsers.running() as browser:
        page = sites.enter(browser, site, "ben")
        found = {each.name: measure(page, site, each, count) for each in presses(site)}
        bare = found.pop("bare")
    limit = Limit(
        spread([seen for seen, _ in bare])["p95"], "an attribute that the press sets by itself"
    )
    together = [took for each in found.values() for took in each]
    figures = [
        Figure(f"{name}, p95", spread([seen for seen, _ in took])["p95"], "ms", limit,
               at_most=MOST_MS)
        for name, took in {"all presses": together, **found}.items()
    ]  # fmt: skip
    seen = {name: spread([seen for seen, _ in took]) for name, took in found.items()}
    answered = {name: spread([answer for _, answer in took]) for name, took in found.items()}
    details = {"presses_each": count, "seen_ms": seen, "answered_ms": answered}
    report.show(figures, options=options, details=details)


@contextmanager
def served(*, postgres: bool) -> Iterator[Site]:
    """The sample workspace, and a crowd so that the list is as long as lists are."""
    with report.database(postgres=postgres), tempfile.TemporaryDirectory() as folder:
        os.environ["LEADLINE_DATA"] = folder
        os.environ["LEADLINE_LOG_LEVEL"] = "ERROR"
        os.environ["DJANGO_SETTINGS_MODULE"] = "leadline.config.settings"
        import django

        django.setup()
        with sites.running(Path(folder), environment=dict(os.environ)) as site:
            site.crowd(CROWD)
            yield site


def presses(site: Site) -> list[Press]:
    """What is pressed all day, and a press that does next to nothing."""
    lead, waiting = f"/leads/{site.leads['Ingrid Dahl']}", site.leads["Jonas Weber"]
    row = f"[data-lead='{waiting}']"
    is_back, is_gone = f'document.querySelector("{row}")', f'!document.querySelector("{row}")'
    title = "[data-sheet] .value:not(.editing) [data-edit]"
    return [
        Press("bare", "/leads", _bare, _key("F9"), "document.body.dataset.pressed"),
        Press("next row", "/leads", _nothing, _key("j"), "document.querySelector('tr.here')"),
        Press("peek", "/leads", _key("j"), _key("Space"), "document.querySelector('.peek')"),
        Press("choose a row", "/leads", _key("j"), _key("x"),
              "document.querySelector('tr.here input:checked')"),
        Press("palette", "/leads", _nothing, _key("Control+k"),
              "document.querySelector('#palette[open]')"),
        Press("new lead", "/leads", _nothing, _key("c"),
              "document.querySelector('#new-lead[open] textarea')"),
        Press("open a value", lead, _nothing, lambda page: page.locator(title).first.click(),
              "document.querySelector('[data-edit-form]')"),
        Press("save a value", lead, _typing(title), _key("Enter"),
              _dim("[data-edit-form]"), "!document.querySelector('[data-edit-form]')"),
        Press("log a call: the form", "/today", _nothing,
              lambda page: page.locator(f"{row} [data-verb=l]").click(),
              "document.querySelector('.queue .open textarea')"),
        Press("log a call", "/today", _written(row), _button(row), _dim(row), is_gone),
        Press("undo", "/today", _logged(row), _key("Control+z"), _dim("#toasts .toast"), is_back),
        Press("stage", lead, _other_stage, lambda page: page.keyboard.press("Enter"),
              "document.querySelector('.path form.htmx-request')",
              "document.querySelector('#toasts .toast')"),
    ]  # fmt: skip


def measure(page: Page, site: Site, of: Press, count: int) -> list[tuple[float, float]]:
    """Milliseconds until something was seen and until the answer was, of `count` presses after one
    that nobody counts; each on a fresh page."""
    took = []
    for _ in range(count + 1):
        page.goto(site.url + of.path)
        page.evaluate("sessionStorage.clear()")
        page.reload()
        page.wait_for_load_state("load")
        page.wait_for_timeout(250)  # what the page asks for by itself
        of.ready(page)
        page.evaluate(_ARM, [of.seen, of.answered or of.seen])
        of.press(page)
        seen, answered = page.evaluate("window.measured")
        took.append((float(seen), float(answered)))
        take_back(page)
    return took[1:]


def take_back(page: Page) -> None:
    """What offers Undo is undone, so that the next press finds the same."""
    undo = page.locator("#toasts [data-undo]")
    if undo.count():
        undo.last.click()
        undo.first.wait_for(state="detached")


def _dim(selector: str) -> str:
    """It looks done, or is gone already."""
    found = f'document.querySelector("{selector}")'
    return f"!{found} || getComputedStyle({found}).opacity < 1"


def _nothing(page: Page) -> None:
    """Nothing to get ready."""


def _bare(page: Page) -> None:
    page.evaluate(_BARE)


def _key(key: str) -> Callable[[Page], object]:
    return lambda page: page.keyboard.press(key)


def _button(row: str) -> Callable[[Page], object]:
    return lambda page: page.locator(f"{row} .open form button.primary").click()


def _typing(value: str) -> Callable[[Page], object]:
    def ready(page: Page) -> None:
        page.locator(value).first.click()
        field = page.locator("[data-edit-form] [name=value]:not([type=hidden])")
        before = field.input_value()
        field.fill(before.removesuffix(" B") if before.endswith(" B") else f"{before} B")

    return ready


def _written(row: str) -> Callable[[Page], object]:
    def ready(page: Page) -> None:
        page.locator(f"{row} [data-verb=l]").click()
        page.locator(f"{row} .open textarea").fill("Spoke for ten minutes")

    return ready


def _logged(row: str) -> Callable[[Page], object]:
    def ready(page: Page) -> None:
        _written(row)(page)
        _button(row)(page)
        page.locator(row).wait_for(state="detached")
        page.wait_for_timeout(100)

    return ready


def _other_stage(page: Page) -> None:
    page.locator(".path button:not([aria-current])").first.focus()


if __name__ == "__main__":
    main()
