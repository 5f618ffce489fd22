"""A real server with the sample workspace, for tests that drive a real browser."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, StorageState

from tests import made

WIDE, PHONE = (1440, 900), (390, 844)

_BEGIN = """
import sys
from leadline.config import environment
environment.prepare_data_folder()
import django
django.setup()
"""
_BUILD = (
    _BEGIN
    + """
import json
from leadline.lib import clock
from tests.web import attacks, sample, ugly
now = clock.now()
is_pseudo = "pseudo" in sys.argv
made = sample.build(now, language="en-xa" if is_pseudo else "en")
if is_pseudo:
    sample.mark()
if "demo" in sys.argv:
    from leadline.workspace.models import Workspace
    Workspace.objects.update(is_demo=True, notes={"demo": {}})
evil = attacks.build(made.world.ada, now=now) if "attacks" in sys.argv else []
if "spread" in sys.argv:
    attacks.spread(evil, made.world.ada, now=now)
    attacks.import_file(now=now)
found = {**made.leads, **(ugly.build(made.world.ben, now=now) if "ugly" in sys.argv else {})}
leads = {name: str(each) for name, each in found.items()}
print(json.dumps({"leads": leads, "evil": [str(each) for each in evil]}))
"""
)
_SERVE = """
import sys
import uvicorn
from leadline.config.protocol import Protocol
uvicorn.run(
    "leadline.config.asgi:application", host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop",
    http=Protocol, ws="none", lifespan="on", log_config=None, access_log=False,
    server_header=False, proxy_headers=False, timeout_graceful_shutdown=5,
)
"""
_ARRIVE = (
    _BEGIN
    + """
from leadline.flow import intake
from leadline.lib import clock
from tests import world as worlds
at = clock.now()
said = {"traits": {"name": sys.argv[2]}, "message_id": sys.argv[1]}
post = worlds.form("demo", email=sys.argv[1], at=at, **said)
intake.run([post], now=at)
"""
)

_CROWD = (
    _BEGIN
    + """
from leadline.flow import intake
from leadline.lib import clock
from tests import world as worlds
at = clock.now()
posts = [
    worlds.form("demo", email=f"p{n}@crowd{n}.example.com", at=at)
    for n in range(int(sys.argv[1]))
]
intake.run(posts, now=at)
"""
)
_CLOSE = (
    _BEGIN
    + """
from datetime import timedelta
from leadline.cards.models import Visit
from leadline.lib import clock
Visit.objects.update(at=clock.now() - timedelta(hours=1))
"""
)
_END = (
    _BEGIN
    + """
from django.contrib.sessions.models import Session
Session.objects.all().delete()
"""
)
_SPEAK = (
    _BEGIN
    + """
from leadline.workspace.models import User, Workspace
User.objects.update(language=sys.argv[1])
Workspace.objects.update(language=sys.argv[1])
"""
)


@dataclass
class Site:
    """A running web process: its address, its folder, the leads by name, the hostile ones."""

    url: str
    data: Path
    leads: Mapping[str, str]
    evil: list[str]
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]
    # Of people who have signed in: their cookies, as the browser keeps them.
    cookies: dict[str, StorageState] = field(default_factory=dict)

    def arrive(self, email: str, name: str) -> None:
        """Somebody asks for a demo; another process takes it in, as the worker does."""
        made.run(_ARRIVE, self.environment, email, name)

    def end_sessions(self) -> None:
        """Everybody's session has run out; their browsers do not know yet."""
        made.run(_END, self.environment)
        self.cookies.clear()

    def close_everything(self) -> None:
        """As if nobody had had any lead open for an hour."""
        made.run(_CLOSE, self.environment)

    def crowd(self, count: int) -> None:
        """So many people of as many companies ask for a demo."""
        made.run(_CROWD, self.environment, str(count))


@contextmanager
def running(
    folder: Path, *wanted: str, environment: Mapping[str, str] | None = None
) -> Iterator[Site]:
    """Build the sample (with "attacks" or "ugly" also such leads, with "spread" what people write
    about the hostile ones, and a hostile file) and serve it. With "pseudo" the playbook is in
    the language for tests, and names stand in its brackets. With "demo" it is called a demo. In an
    environment that is given, another database may be named."""
    if environment is None:
        environment = made.on_sqlite(folder)
        shutil.copytree(made.migrated(), folder, dirs_exist_ok=True)
    else:
        made.migrate(environment)
    built = json.loads(made.run(_BUILD, environment, *wanted))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-c", _SERVE, str(port)]
    process = subprocess.Popen(command, env={**environment, "LEADLINE_BASE_URL": url})
    try:
        _wait(url)
        yield Site(url, folder, built["leads"], built["evil"], process, environment)
    finally:
        process.terminate()
        process.wait(30)


def enter(browser: Browser, site: Site, who: str = "ben", *, size: tuple[int, int] = WIDE,
          scheme: str = "light") -> Page:  # fmt: skip
    """A page of a person who has signed in; refused content is noted on the page.

    Whoever has signed in by the form once comes back with the same cookie, as people do.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=size == PHONE,
        reduced_motion="reduce",
        storage_state=site.cookies.get(who),
    )
    context.add_init_script(
        "window.refused = []; document.addEventListener('securitypolicyviolation',"
        " (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`))"
    )
    page = context.new_page()
    page.goto(f"{site.url}/today")
    if "/sign-in/" in page.url:
        _sign_in(page, who)
        site.cookies[who] = context.storage_state()
    return page


def _sign_in(page: Page, who: str) -> None:
    from tests.web import sample

    page.fill("[name=login]", f"{who}@acme.example")
    page.fill("[name=password]", sample.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/today")


def speak(site: Site, language: str) -> None:
    """From now on everybody reads this language."""
    made.run(_SPEAK, site.environment, language)


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{url}/healthz", timeout=2)
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
