"""An empty screen says what to do next, with one button that leads somewhere."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from leadline import web
from leadline.capture.models import Form, Page
from leadline.cards import companies
from leadline.leads.models import Company
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.segments.models import Segment
from leadline.workspace.models import Role, Team, User
from tests.web import matrix
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
Enter = Callable[[User], Client]

_TITLE = re.compile(r'\bempty\("\w+", _\("([^"]+)"')
# After an act, with the way back as its button; a fragment of the palette has no panel.
_NO_SCREEN = {"%(who)s is in the trash"}
_SEARCHES = ("/search?q=nobody", "/companies?q=nobody", "/leads?q=nobody")


@dataclass
class Empty(HTMLParser):
    """The empty states of a page: the title of each, and what can be pressed in it."""

    found: list[tuple[str, list[tuple[str, dict[str, str]]]]] = field(default_factory=list)
    depth: int = 0
    is_title: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "div" and (self.depth or given.get("class") == "empty"):
            self.depth += 1
            if self.depth == 1:
                self.found.append(("", []))
        elif self.depth and tag in ("a", "button", "input", "select", "textarea"):
            self.found[-1][1].append((tag, given))
        self.is_title = bool(self.depth) and tag == "h2"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "div" and self.depth > 0
        self.is_title = False

    def handle_data(self, data: str) -> None:
        if self.is_title:
            self.found[-1] = (data, self.found[-1][1])


@pytest.fixture
def bare(world: World) -> World:
    """Without leads, and without what a playbook or a person would have brought."""
    for rows in (Page, Form, ScoreModelVersion, ScoreModel):
        rows.objects.all().delete()
    Team.objects.update(archived_at=world.now)
    companies.draw([Company.objects.create(name="Nobody Ltd", created_at=world.now).pk])
    return world


def test_every_empty_screen_has_one_button_that_leads_on(bare: World, enter: Enter) -> None:
    seen = set()
    reader = User.objects.create_user("reader@acme.example", role=Role.READ_ONLY)
    for person in (bare.ada, bare.ben, reader):
        client = enter(person)
        for path in _addresses(client):
            page = Empty()
            page.feed(client.get(path).content.decode())
            for title, pressed in page.found:
                where = (person.role, path, title)
                assert len(pressed) == 1, where
                (_tag, given), = pressed  # fmt: skip
                assert "button" in given.get("class", "").split(), where
                assert "disabled" not in given, where
                assert given.get("aria-disabled") != "true", where
                assert _leads_on(client, path, given.get("href", "")), (where, given)
                seen.add(title)
    assert {html.unescape(each) for each in _written()} - seen == set()


def _addresses(client: Client) -> Iterator[str]:
    """Every screen that this person may open and that needs no id, a company, a segment and three
    searches."""
    company = f"companies/{Company.objects.get().pk}"
    segment = f"leads/segments/{Segment.objects.order_by('pk')[0].pk}"
    for path in (company, segment, *(route.path for route in matrix.routes() if not route.parts)):
        if path.startswith(("sign-in/", "api/", "sign-out")) or path in ("", "events"):
            continue
        answer = client.get(f"/{path}")
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield f"/{path}"
    yield from _SEARCHES


def _leads_on(client: Client, path: str, address: str) -> bool:
    """Whether the button opens a screen, or stands above the input that it names."""
    if address.startswith("#"):
        return f'id="{address[1:]}"' in client.get(path).content.decode()
    there = f"{path.partition('?')[0]}{address}" if address.startswith("?") else address
    return bool(address) and client.get(there).status_code == 200


def _written() -> set[str]:
    """The titles of all empty states that templates have."""
    folder = Path(web.__file__).parent / "jinja2"
    texts = [each.read_text() for each in folder.glob("*.html")]
    return {title for text in texts for title in _TITLE.findall(text)} - _NO_SCREEN
