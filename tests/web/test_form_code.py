"""The HTML of a form to paste into one's own site: whole, and harmless whatever a label says."""

import html
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from leadline.capture.models import Form
from leadline.lib import clock
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
