"""Numbers without a country code are of the workspace's country, through every door."""

from datetime import datetime

import pytest

from leadline.capture import phones, traits
from leadline.flow import edits, intake, rulebook
from leadline.leads import by_hand
from leadline.leads.models import Binding
from leadline.lib import ids, phone_number
from leadline.workspace import settings
from leadline.workspace.models import Workspace
from tests import world as worlds
from tests.world import World

AT_HOME, WHOLE = "030 901820", "+4930901820"


@pytest.mark.parametrize(
    ("said", "region", "found"),
    [
        ({"phone": AT_HOME}, "DE", WHOLE),
        ({"phone": AT_HOME}, "", None),
        ({"phone": "call me"}, "DE", None),
        ({"phone": "+33 1 44 55 66 77"}, "DE", None),
        ({}, "DE", None),
        ({"phone": "0664 1234567", "country": "US"}, "AT", None),
        ({"phone": "0664 1234567", "country": "Austria"}, "AT", "+436641234567"),
    ],
)
def test_what_nobody_could_place_is_at_home(
    said: dict[str, object], region: str, found: str | None
) -> None:
    [placed] = phones.at_home([worlds.said(traits=said)], region=region)
    # What has a code of its own was placed when it was unpacked.
    expected = "+33144556677" if "+33" in str(said) else found
    assert placed.phone == expected


def test_a_country_that_somebody_names_counts_before_the_workspaces() -> None:
    named = traits.of_person({"phone": "01 44556677", "country": "FR"}, country="DE")
    assert named.phone == "+33144556677"
    assert traits.of_person({"phone": AT_HOME}, country="DE").phone == WHOLE


def test_a_number_that_was_placed_is_no_problem_any_more() -> None:
    read = traits.of_person({"phone": AT_HOME, "email": "nobody"})
    said = worlds.said(traits=read.traits, problems=tuple(read.problems))
    [placed], [left] = phones.at_home([said], region="DE"), phones.at_home([said], region="")
    assert [each.split(":")[0] for each in left.problems] == ["email", "phone"]
    assert [each.split(":")[0] for each in placed.problems] == ["email"]


def test_every_country_has_a_plan() -> None:
    found = phone_number.countries()
    assert (found["DE"], found["US"], len(found) > 200) == (49, 1, True)


@pytest.mark.django_db
def test_a_number_of_a_country_that_somebody_named_never_finds_a_neighbour(
    world: World, now: datetime
) -> None:
    Workspace.objects.update(country="AT")
    settings.rules_changed()
    rulebook.forget()
    resident = worlds.form("demo", email="", at=now, phone="+436641234567")
    given = {"phone": "0664 1234567", "country": "US"}
    read = traits.of_person(given)
    stranger = worlds.form(
        "demo", email="", at=now, phone=read.phone, anonymous_id="v1", traits=read.traits
    )
    first, second = intake.run([resident, stranger], now=now).lead_ids
    assert first is not None
    assert first != second
    assert Binding.objects.filter(kind="phone").count() == 1


@pytest.mark.django_db
def test_a_lead_of_a_form_and_one_by_hand_are_known_by_the_whole_number(
    world: World, now: datetime
) -> None:
    Workspace.objects.update(country="DE")
    settings.rules_changed()
    rulebook.forget()
    post = worlds.form("demo", email="g@x.example", at=now, traits={"phone": AT_HOME})
    intake.run([post], now=now)
    assert Binding.objects.filter(kind="phone", value=WHOLE).count() == 1
    draft = by_hand.Draft(key=ids.uuid7(), phone=AT_HOME)
    assert by_hand.checked(draft, country="DE").phone == WHOLE
    assert edits.read(edits.places()["phone"], AT_HOME) == WHOLE
