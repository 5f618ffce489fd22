"""A playbook is applied, exported, compared; nothing half done, nothing lost on the way."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from leadline.capture.models import Form, Page
from leadline.cards.models import SavedView
from leadline.delivery.models import Sender
from leadline.lib import clock
from leadline.lifecycle.models import LifecycleVersion
from leadline.playbooks import folder, parts
from leadline.playbooks.models import AppliedPlaybook
from leadline.privacy.models import ConsentText
from leadline.routing.models import Calendar, RoutingRule, SlaPolicy
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.workspace.models import Field, Team, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(now: datetime) -> Workspace:
    return Workspace.objects.create(
        name="Harbour", time_zone="Europe/Berlin", day_offset_minutes=60, created_at=now
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped playbook in a folder of its own, to be edited."""
    place = tmp_path / "mine"
    shutil.copytree(folder.find("b2b-saas"), place)
    return place


def edit(place: Path, file: str, before: str, after: str) -> None:
    text = (place / file).read_text("utf-8")
    assert before in text
    (place / file).write_text(text.replace(before, after, 1), "utf-8")


@pytest.mark.usefixtures("workspace")
def test_applying_the_shipped_playbook_fills_every_part(now: datetime) -> None:
    applied = parts.apply("b2b-saas", now=now)

    assert applied.name == "b2b-saas"
    assert Field.objects.filter(name="company.employee_count", type="number").exists()
    assert Form.objects.get(slug="demo").consents[0]["text"].startswith("Yes, send me")
    assert Page.objects.get(slug="demo").form.slug == "demo"
    assert ConsentText.objects.count() == 1
    assert ScoreModel.objects.get(is_default=True).name == "Fit and engagement"
    assert LifecycleVersion.objects.get().document["stages"][0]["key"] == "target"
    assert Calendar.objects.get().time_zone == "Europe/Berlin"
    assert RoutingRule.objects.get().team == Team.objects.get(name="Sales")
    assert SlaPolicy.objects.get(name="Hot").response_minutes == 5
    assert SavedView.objects.count() == 6
    assert Sender.objects.get().acknowledgement_approved_at is None


@pytest.mark.usefixtures("workspace")
def test_a_second_run_changes_nothing(now: datetime) -> None:
    parts.apply("b2b-saas", now=now)

    again = parts.apply("b2b-saas", now=now)

    assert again.changes == ()
    assert ScoreModelVersion.objects.count() == 2
    assert LifecycleVersion.objects.count() == 1
    assert AppliedPlaybook.objects.count() == 1


@pytest.mark.usefixtures("workspace")
def test_what_is_exported_applies_to_the_same(now: datetime, tmp_path: Path) -> None:
    parts.apply("b2b-saas", now=now)

    files = parts.export_to(tmp_path / "out", name="b2b-saas", title="B2B software")

    assert "scoring/fit-and-engagement.yaml" in files
    assert parts.diff(tmp_path / "out") == []
    _, shipped = parts.read(folder.find("b2b-saas"))
    _, exported = parts.read(tmp_path / "out")
    assert exported == shipped


def test_versions_carry_the_day_offset_and_are_in_force_from_the_beginning(
    workspace: Workspace, now: datetime
) -> None:
    parts.apply("b2b-saas", now=now)

    version = ScoreModelVersion.objects.get(model__is_default=True)
    assert version.day_offset_minutes == workspace.day_offset_minutes == 60
    assert version.effective_at == clock.EPOCH


@pytest.mark.usefixtures("workspace")
def test_a_changed_rule_is_one_sentence_and_a_new_version(now: datetime, copy: Path) -> None:
    parts.apply(copy, now=now)
    edit(copy, "lifecycle.yaml", "enter: {score: total, gte: 50}", "enter: {score: total, gte: 60}")

    assert parts.diff(copy) == ["lifecycle → stages → mql → enter → gte: 50 becomes 60."]
    parts.apply(copy, now=now)

    newest = LifecycleVersion.objects.order_by("-number")[0]
    assert (newest.number, newest.effective_at) == (2, now)


@pytest.mark.usefixtures("workspace")
def test_changed_points_retire_the_version_before(now: datetime, copy: Path) -> None:
    parts.apply(copy, now=now)
    edit(copy, "scoring/fit-and-engagement.yaml", "points: 25", "points: 30")

    parts.apply(copy, now=now)

    states = ScoreModelVersion.objects.filter(model__is_default=True).order_by("number")
    assert list(states.values_list("number", "state")) == [(1, "retired"), (2, "published")]


@pytest.mark.parametrize(
    ("file", "before", "after", "where"),
    [
        ("fields.yaml", "type: number", "type: numbr", "fields.yaml: /fields/"),
        ("fields.yaml", "label: First name", "lable: First name", "fields.yaml: /fields/0"),
        (
            "lifecycle.yaml",
            "score: total, gte: 50",
            "score: totl, gte: 50",
            "lifecycle.yaml: /stages",
        ),
        ("forms.yaml", "name: title,", "name: titel,", "forms.yaml: /forms/0/fields/3/name"),
        (
            "forms.yaml",
            "language: en, version: 1",
            "language: en, version: 2",
            "forms.yaml: /forms/0",
        ),
        ("pages.yaml", "form: demo", "form: dmeo", "pages.yaml: /pages/0/form"),
        (
            "sla.yaml",
            "calendar: Business hours",
            "calendar: Nights",
            "sla.yaml: /policies/0/calendar",
        ),
        ("routing.yaml", "team: Sales", "team: Sails", "routing.yaml: /rules/0/team"),
        (
            "calendars.yaml",
            '"12:30"], ["13:30"',
            '"13:30"], ["12:30"',
            "calendars.yaml: /calendars/0",
        ),
        ("views.yaml", "stage: mql", "stage: mqll", "views.yaml: /views/4/filter/stage"),
        ("acknowledgement.yaml", "you {when}", "you {name}", "acknowledgement.yaml: /text"),
        ("playbook.yaml", "score_model: fit", "score_model: fitt", "scoring"),
        (
            "sla.yaml",
            "response_minutes: 5",
            "response_minutes: 5\n    name: Twice",
            "sla.yaml: line",
        ),
        ("consents.yaml", "texts:", "texts: [", "consents.yaml: line"),
        (
            "scoring/fit-and-engagement.yaml",
            "trait: industry_fit",
            "trait: shoe_size",
            "scoring: fit-and-engagement.yaml/fit/2",
        ),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_an_error_names_file_and_path_and_changes_nothing(
    now: datetime, copy: Path, file: str, before: str, after: str, where: str
) -> None:
    edit(copy, file, before, after)

    with pytest.raises(folder.PlaybookError) as caught:
        parts.apply(copy, now=now)

    assert str(caught.value).startswith(where)
    assert not Field.objects.exists()


@pytest.mark.usefixtures("workspace")
def test_words_that_somebody_agreed_to_never_change(now: datetime, copy: Path) -> None:
    parts.apply(copy, now=now)
    edit(copy, "consents.yaml", "twice a month", "every day")

    with pytest.raises(folder.PlaybookError, match="a text never changes"):
        parts.apply(copy, now=now)

    assert "twice a month" in ConsentText.objects.get().text


@pytest.mark.usefixtures("workspace")
def test_a_missing_file_is_named(now: datetime, copy: Path) -> None:
    (copy / "sla.yaml").unlink()

    with pytest.raises(folder.PlaybookError, match=r"sla\.yaml: the file is missing"):
        parts.apply(copy, now=now)


def test_an_unknown_name_lists_what_is_shipped() -> None:
    with pytest.raises(folder.PlaybookError, match="shipped are b2b-saas"):
        folder.find("b2c-saas")


def test_aliases_cannot_blow_a_file_up(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines), "utf-8")

    with pytest.raises(folder.PlaybookError, match="more than 50,000 values"):
        folder.read(tmp_path, "bomb.yaml")


def test_words_stay_words(tmp_path: Path) -> None:
    text = "a: no\nb: 2026-01-01\nc: true\nd: 007\n"
    (tmp_path / "words.yaml").write_text(text, "utf-8")

    assert folder.read(tmp_path, "words.yaml") == {"a": "no", "b": "2026-01-01", "c": True, "d": 7}
