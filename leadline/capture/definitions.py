"""What the front door must know at every request, in memory: keys, forms, pages.

A background thread with its own database connection reads them every second, so that a key
revoked anywhere is refused within two seconds, and no request ever waits for the database. When
the database cannot be read, the last known definitions serve for five minutes; nobody can revoke
a key meanwhile. After that requests are refused: the door fails closed.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping

import msgspec
from django.db import Error, close_old_connections, connection

from leadline.capture import form_fields, models
from leadline.capture.forms import Form, from_row
from leadline.lib import secret_hash
from leadline.workspace import models as workspace_models

REFRESH_SECONDS = 1.0
# Asked for what is not there, the thread looks again, though never more often than this.
HURRY_SECONDS = 0.1
MAX_WAIT_SECONDS = 2.0
MAX_AGE_SECONDS = 300.0
MAX_SECRET = 200

_log = logging.getLogger(__name__)


class DefinitionsUnavailable(Exception):
    """Keys and forms are not known, or not known any more. Trying again later can help."""

    permanent = False


class Key(msgspec.Struct, frozen=True):
    """A write key. `source` is what its rows are stored under: "key:<id>"."""

    id: int
    is_trusted: bool
    source: str


class Page(msgspec.Struct, frozen=True):
    """A published page with its form."""

    slug: str
    title: str
    description: str
    form: Form
    blocks: tuple[Mapping[str, object], ...]


class Definitions(msgspec.Struct, frozen=True):
    """All of it, as of one moment; replaced whole, never changed."""

    keys: Mapping[str, Key] = {}
    forms: Mapping[str, Form] = {}
    pages: Mapping[str, Page] = {}
    # The public key that our own pages put into their snippet; "" when there is none.
    browser_key: str = ""
    # The workspace's name, as visitors see it.
    brand: str = ""
    # What the workspace speaks, for visitors whose browser asks for nothing that we do.
    language: str = "en"

    def key(self, secret: str) -> Key | None:
        """The key with this secret, unless it was revoked."""
        return self.keys.get(secret_hash.digest(secret)) if len(secret) <= MAX_SECRET else None


def load() -> Definitions:
    """Read everything: six queries."""
    keys: dict[str, Key] = {}
    browser_key = ""
    for number, kind, digest, public_text in workspace_models.WriteKey.objects.filter(
        revoked_at=None
    ).values_list("id", "kind", "secret_hash", "public_text"):
        is_trusted = kind == workspace_models.WriteKey.Kind.SERVER
        keys[digest] = Key(number, is_trusted, f"key:{number}")
        if not is_trusted and public_text:
            browser_key = browser_key or public_text
    published = _forms()
    about = workspace_models.Workspace.objects.values_list("name", "language").first()
    brand, language = about or ("", "en")
    return Definitions(
        keys=keys,
        forms={form.slug: form for form in published.values()},
        pages=_pages(published),
        browser_key=browser_key,
        brand=brand,
        language=language,
    )


def _forms() -> dict[int, Form]:
    found: dict[int, Form] = {}
    options = form_fields.options()
    for row in models.Form.objects.filter(is_published=True).values():
        try:
            found[row["id"]] = from_row(
                slug=row["slug"],
                name=row["name"],
                purpose=row["purpose"],
                fields=form_fields.with_options(row["fields"], options),
                consents=row["consents"],
                texts=row["texts"],
                language=row["language"],
            )
        except msgspec.ValidationError as error:
            # One form that cannot be read must not close the door for all others.
            _log.error("form %s is not served: %s", row["slug"], error)
    return found


def _pages(published: Mapping[int, Form]) -> dict[str, Page]:
    return {
        row["slug"]: Page(
            slug=row["slug"],
            title=row["title"],
            description=row["description"],
            form=published[row["form_id"]],
            blocks=tuple(row["blocks"]),
        )
        for row in models.Page.objects.filter(is_published=True).values()
        if row["form_id"] in published
    }


class Watch:
    """The thread that keeps the definitions fresh, and the way to ask for them."""

    def __init__(self, *, after_refresh: Callable[[], None] = lambda: None) -> None:
        self._after_refresh = after_refresh
        self._definitions: Definitions | None = None
        self._read_at = 0.0
        self._begun_at = 0.0
        self._hurry = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="definitions", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._hurry.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def current(self) -> Definitions:
        """The definitions, at most 2 s old while the database answers."""
        if self._definitions is None or time.monotonic() - self._read_at > MAX_AGE_SECONDS:
            raise DefinitionsUnavailable("Keys and forms cannot be read right now.")
        return self._definitions

    async def newer(self) -> Definitions:
        """Definitions read after this call began, so that what was just published is found.

        The old ones when the database does not answer within two seconds.
        """
        asked_at = time.monotonic()
        self._hurry.set()
        while self._begun_at < asked_at and time.monotonic() < asked_at + MAX_WAIT_SECONDS:
            await asyncio.sleep(HURRY_SECONDS / 5)
        return self.current()

    def refresh(self) -> None:
        """Read once, on the caller's own connection. An Error leaves the old ones."""
        begun_at = time.monotonic()
        fresh = load()
        # The same object as long as nothing changed: what was made from it stays valid.
        if fresh != self._definitions:
            self._definitions = fresh
        self._read_at = time.monotonic()
        self._begun_at = begun_at
        self._after_refresh()

    def _run(self) -> None:
        while True:
            try:
                self.refresh()
            except Error as error:
                _log.warning("definitions could not be read: %s", type(error).__name__)
                connection.close()
            # One that can only read would keep every other of the process so.
            close_old_connections()
            if self._stop.wait(HURRY_SECONDS):
                break
            self._hurry.wait(REFRESH_SECONDS - HURRY_SECONDS)
            self._hurry.clear()
        connection.close()
