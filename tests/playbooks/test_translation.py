"""The shipped playbook in German: what people read is translated, what rules name is not."""

from datetime import UTC, datetime

import pytest

from leadline.capture.models import Form
from leadline.playbooks import folder, parts, translation
from leadline.privacy.models import ConsentText
from leadline.routing.models import RoutingRule
from leadline.workspace.models import Field, Workspace

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
SHIPPED = folder.SHIPPED / "b2b-saas"


def test_names_by_which_rules_refer_stay() -> None:
    form = {"slug": "demo", "name": "Contact", "purpose": "demo",
            "fields": [{"name": "title", "label": "Your name", "type": "text"}]}  # fmt: skip
    said = translation.told({"forms": [form]}, "forms.yaml", language="de")
    assert said == {
        "forms": [{"slug": "demo", "name": "Kontakt", "purpose": "demo",
                   "fields": [{"name": "title", "label": "Ihr Name", "type": "text"}]}]
    }  # fmt: skip


def test_english_is_as_it_is_written() -> None:
    document = {"texts": [{"purpose": "marketing", "language": "en", "text": "Newsletter"}]}
    assert translation.told(document, "consents.yaml", language="en") is document


@pytest.mark.django_db
def test_a_german_workspace_gets_german_rules_and_a_second_run_changes_nothing() -> None:
    Workspace.objects.create(id=1, name="Acme", language="de", created_at=NOW)
    assert parts.apply("b2b-saas", now=NOW).changes
    assert Form.objects.get(slug="contact").texts["thanks_title"] == "Vielen Dank"
    assert Field.objects.get(name="first_name").label == "Vorname"
    assert RoutingRule.objects.get().team.name == "Vertrieb"
    assert set(ConsentText.objects.values_list("language", flat=True)) == {"de"}
    assert parts.apply("b2b-saas", now=NOW).changes == ()
    assert parts.diff("b2b-saas") == []


@pytest.mark.django_db
def test_a_folder_of_somebody_else_speaks_for_itself(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    Workspace.objects.create(id=1, name="Acme", language="de", created_at=NOW)
    parts.apply("b2b-saas", now=NOW)
    place = tmp_path_factory.mktemp("own")
    parts.export_to(place, name="own", title="Own")
    assert parts.diff(place) == []


def test_every_text_of_the_shipped_playbooks_is_translated() -> None:
    """All that `texts` finds comes out different in German, but for words both languages share."""
    shared = {"Budget", "Website", "Newsletter", "Lead", "Region", "Warm", "MQL"}
    same = set()
    for path in SHIPPED.glob("**/*.yaml"):
        file = str(path.relative_to(SHIPPED))
        document = folder.read(SHIPPED, file)
        german = translation.told(document, file, language="de")
        same |= set(translation.texts(document, file)) & set(translation.texts(german, file))
    assert same <= shared | {"Manager"}


def test_what_strangers_read_sells_nobody() -> None:
    """Pages and forms are those of whoever installs this; the product is not their subject."""
    for file in ("pages.yaml", "forms.yaml", "consents.yaml", "acknowledgement.yaml"):
        document = folder.read(SHIPPED, file)
        for text in translation.texts(document, file):
            for said in (text, translation.told({"text": text}, "pages.yaml", language="de")):
                assert "leadline" not in str(said).lower(), text


@pytest.mark.parametrize("name", [name for name, _ in folder.shipped()])
def test_no_shipped_text_promises_a_mail_that_nothing_sends(name: str) -> None:
    """Confirming by mail and sending assets come with their own packages."""
    document = folder.read(folder.find(name), "forms.yaml")
    said = " ".join(translation.texts(document, "forms.yaml")).casefold()
    assert "sent you" not in said
    assert "by e-mail" not in said
    assert "confirm your address" not in said
