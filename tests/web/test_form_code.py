"""The HTML of a form to paste into one's own site: whole, and harmless whatever a label says."""

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client, override_settings

from leadline.capture.models import Form
from leadline.lib import clock
from leadline.playbooks import opening
from leadline.workspace.models import User, WriteKey
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]

FIELDS = [
    {"name": "email", "label": "Your <b>mail</b>", "type": "email", "required": True},
    {"name": "size", "label": "Size", "type": "select", "options": ["1-10", {"value": "11+"}]},
    {"name": "topics", "label": "Topics", "type": "checkboxes", "options": ["A", "B"]},
    {"name": "about", "label": "About", "type": "textarea"},
    {"name": "call", "label": "Call me", "type": "checkbox"},
]


def _code(client: Client, slug: str) -> str:
    """What Copy puts on the clipboard."""
    page = client.get("/capture").content.decode()
    found = re.search(rf'id="code-{slug}"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


@pytest.fixture
def made(world: World) -> Form:
    return Form.objects.create(
        slug="trial", name="Trial", purpose="demo", fields=FIELDS, updated_at=clock.now(),
        consents=[{"purpose": "marketing", "channel": "email", "text": "Write to me"}],
        texts={"submit": "Try it"},
    )  # fmt: skip


def test_each_question_and_each_consent_is_in_the_code(
    world: World, enter: Enter, made: Form
) -> None:
    code = _code(enter(world.ada), "trial")
    assert f'action="{settings.ENVIRONMENT.base_url}/f/trial"' in code
    assert '<input name="email" type="email" required>' in code
    assert '<option value="11+">11+</option>' in code
    assert code.count('type="checkbox" name="topics"') == 2
    assert '<textarea name="about"' in code
    assert '<input type="checkbox" name="call" value="true">' in code
    assert 'name="consent.marketing.email" value="on"> Write to me' in code
    assert "<button>Try it</button>" in code


def test_a_label_stays_text_on_our_page_and_on_theirs(
    world: World, enter: Enter, made: Form
) -> None:
    client = enter(world.ada)
    assert "Your &lt;b&gt;mail&lt;/b&gt;" in _code(client, "trial")
    assert b"<b>mail</b>" not in client.get("/capture").content


def test_the_line_that_counts_visits_needs_a_key(world: World, enter: Enter, made: Form) -> None:
    client = enter(world.ada)
    WriteKey.objects.update(revoked_at=clock.now())
    assert "leadline.js" not in _code(client, "trial")
    WriteKey.objects.create(
        kind=WriteKey.Kind.BROWSER, secret_hash="x", public_text="ll_pub_1", created_at=clock.now()
    )
    assert 'data-key="ll_pub_1"' in _code(client, "trial")


def test_a_form_that_is_not_published_is_not_offered(
    world: World, enter: Enter, made: Form
) -> None:
    Form.objects.update(is_published=False)
    assert b"code-trial" not in enter(world.ada).get("/capture").content


@pytest.mark.parametrize("path", ["/capture", "/settings/keys", "/today"])
def test_beside_copy_stands_when_an_address_works_here_only(
    enter: Enter, world: World, made: Form, path: str
) -> None:
    opening.give_browser_key(now=world.now)
    client = enter(world.ada)
    said = "This address works on this computer only."
    assert said in client.get(path).content.decode()
    elsewhere = replace(settings.ENVIRONMENT, base_url="https://leads.example.com")
    with override_settings(ENVIRONMENT=elsewhere):
        page = client.get(path).content.decode()
    assert "data-copy" in page
    assert said not in page


def test_an_invitation_says_when_its_link_works_here_only(enter: Enter, world: World) -> None:
    shown = enter(world.ada).post("/settings/people/invite", {"role": "rep"}).content.decode()
    assert "invitation-link" in shown
    assert "This address works on this computer only." in shown
