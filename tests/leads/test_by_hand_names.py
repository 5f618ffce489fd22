"""Full, given and family name changed by hand: nobody cuts a name into two words."""

import pytest

from leadline.leads import by_hand_values
from leadline.leads.models import Lead
from leadline.playbooks import folder

ADA = {"name": "Ada Lovelace", "first_name": "Ada", "last_name": "Lovelace"}
GABO = {"name": "Gabriel García Márquez", "first_name": "Gabriel", "last_name": "García Márquez"}
MING = {"name": "王小明", "first_name": "小明", "last_name": "王"}


@pytest.mark.parametrize(
    ("known", "full", "parts"),
    [
        (ADA, "Ada King", {"first_name": "Ada"}),
        (ADA, "Lovelace, Ada", {"first_name": "Ada", "last_name": "Lovelace"}),
        (ADA, "Suharto", {}),
        (ADA, None, {}),
        (ADA, "Dr. Ada Maria Lovelace", {"first_name": "Ada", "last_name": "Lovelace"}),
        (GABO, "Gabo García Márquez", {"last_name": "García Márquez"}),
        (MING, "王大明", {"last_name": "王"}),
        ({"first_name": "Ada"}, "Ada King Lovelace", {"first_name": "Ada"}),
        ({"name": "Suharto"}, "Haji Mohammad Suharto", {}),
    ],
)
def test_the_full_name_empties_parts_that_no_longer_stand_in_it_and_sets_none(
    known: dict[str, object], full: str | None, parts: dict[str, object]
) -> None:
    wanted = parts if full is None else {**parts, "name": full}
    assert _after(known, "name", full) == wanted


@pytest.mark.parametrize(
    ("known", "part", "value", "full"),
    [
        (ADA, "last_name", "King", "Ada King"),
        (ADA, "last_name", None, "Ada"),
        (GABO, "first_name", "Gabo", "Gabo García Márquez"),
        (MING, "first_name", "大明", "王大明"),
        # Nobody has said what the rest of the name is; it stays.
        ({"name": "Gabriel García Márquez"}, "first_name", "Gabriel", "Gabriel García Márquez"),
        ({"name": "Suharto"}, "last_name", "Jojohadikusumo", "Suharto"),
        # The full name was the given one alone.
        ({"name": "Ada", "first_name": "Ada"}, "last_name", "Lovelace", "Ada Lovelace"),
        ({"name": "小明", "first_name": "小明"}, "last_name", "王", "王小明"),
    ],
)
def test_a_part_changes_the_full_name_where_it_stands_there(
    known: dict[str, object], part: str, value: str | None, full: str
) -> None:
    assert _after(known, part, value)["name"] == full


def test_a_person_of_one_name_may_lose_it() -> None:
    known = {"name": "Suharto", "first_name": "Suharto"}
    assert _after(known, "first_name", None) == {}


def test_no_shipped_form_asks_for_two_names() -> None:
    for path in sorted(folder.SHIPPED.glob("*/forms.yaml")):
        for form in folder.read(path.parent, path.name)["forms"]:
            asked = {each["name"] for each in form["fields"] if each.get("required")}
            assert not asked & {"first_name", "last_name"}, (path, form["slug"])


def _after(known: dict[str, object], name: str, value: str | None) -> dict[str, object]:
    lead = Lead(traits=known, trait_marks={})
    by_hand_values.change(lead, name, value, now_us=1)
    return lead.traits
