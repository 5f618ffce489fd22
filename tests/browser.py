"""A real browser for tests that look at pages: Debian's Chromium."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
          "--disable-background-networking", "--disable-component-update",
          "--accept-lang=en-US")  # fmt: skip  # without windows it says none by itself


@contextmanager
def running() -> Iterator[Browser]:
    """Started now, ended with the block, because Playwright keeps an event loop running."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program(), args=list(_QUIET))
        try:
            yield started
        finally:
            started.close()


def program() -> str:
    """Where the browser is; raises with what to install when it is missing.

    The same engine without windows where it is installed: 16.5 s of CPU for eleven tests, 28.6
    with Chromium itself (2 cores, Debian 12).
    """
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None:
        raise RuntimeError("Install Debian's chromium: apt-get install chromium")
    return found
