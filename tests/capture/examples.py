"""Keys, a form and a page that the tests of the front door share."""

from datetime import UTC, datetime

from leadline.capture import models
from leadline.lib import secret_hash
from leadline.workspace import models as workspace_models
from tests.capture.served import BROWSER_KEY, SERVER_KEY

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)

FIELDS = [
    {
        "name": "email",
        "label": "Work e-mail",
        "type": "email",
        "required": True,
        "autocomplete": "email",
    },
    {"name": "first_name", "label": "First name", "autocomplete": "given-name"},
    {"name": "phone", "label": "Phone", "type": "tel", "autocomplete": "tel"},
    {"name": "company", "label": "Company", "autocomplete": "organization"},
    {
        "name": "company_size",
        "label": "People",
        "type": "select",
        "options": ["1-9", {"value": "10-49", "label": "10 to 49"}],
    },
    {"name": "message", "label": "What is it about?", "type": "textarea", "rows": 3},
]
CONSENTS = [
    {"purpose": "marketing", "channel": "email", "text": "Send me news by e-mail.", "version": 3}
]
BLOCKS = [
    {"block": "headline", "title": "Know how deep every lead stands", "text": "See it work."},
    {"block": "value", "points": [{"title": "At once", "text": "Within a second."}]},
    {"block": "footer", "text": "Example Ltd", "links": [{"label": "Privacy", "url": "/privacy"}]},
]


def seed() -> None:
    """Two keys, one published form, one page with it, one form that is not published."""
    for name, kind, secret in (
        ("Server", "server", SERVER_KEY),
        ("Browser", "browser", BROWSER_KEY),
    ):
        workspace_models.WriteKey.objects.create(
            name=name,
            kind=kind,
            secret_hash=secret_hash.digest(secret),
            public_text=secret if kind == "browser" else "",
            created_at=AT,
        )
    form = models.Form.objects.create(
        slug="demo",
        name="Ask for a demo",
        purpose="demo",
        fields=FIELDS,
        consents=CONSENTS,
        texts={"submit": "Show me"},
        updated_at=AT,
    )
    models.Page.objects.create(
        slug="start", title="Start here", form=form, blocks=BLOCKS, updated_at=AT
    )
    models.Form.objects.create(
        slug="draft", name="Draft", purpose="other", is_published=False, updated_at=AT
    )
