"""Words that the field uses in its own way are explained where they stand: Today, Leads, a lead."""

from collections.abc import Callable
from html.parser import HTMLParser
from uuid import UUID

import pytest
from django.test import Client

from leadline.web import labels
from leadline.workspace.models import Role, User
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
Enter = Callable[[User], Client]

# Names that people have given to views, and of columns to choose from.
_NAMES = ("nav", "columns-menu")
_WITHOUT_END = {"br", "hr", "img", "input", "link", "meta", "use", "wbr", "col"}
_SCORE = "Score: points for who they are and what they did"
MEANINGS = {
    **{str(labels.STAGES[key]): str(said) for key, said in labels.STAGE_MEANINGS.items()},
    **{str(labels.TEMPERATURES[key]): str(said)
       for key, said in labels.TEMPERATURE_MEANINGS.items()},
    "Score": _SCORE, "score": _SCORE,
    "Fit": "Fit: who they are", "Engagement": "Engagement: what they do",
}  # fmt: skip


class Words(HTMLParser):
    """The defined words that a page shows, each with the definitions around it."""

    def __init__(self) -> None:
        super().__init__()
        self.around: list[tuple[str, str, str]] = []
        self.said: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _WITHOUT_END:
            given = dict(attrs)
            self.around.append((tag, given.get("title") or "", given.get("class") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing stands in it."""

    def handle_endtag(self, tag: str) -> None:
        if tag in (each[0] for each in self.around):
            while self.around.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        within = {each[0] for each in self.around}
        within |= {name for each in self.around for name in each[2].split()}
        # A choice in a list has no room for a sentence.
        if "main" in within and within.isdisjoint((*_NAMES, "option")) and data.strip() in MEANINGS:
            self.said.append((data.strip(), [title for _tag, title, _names in self.around]))


def _words(client: Client, path: str) -> list[tuple[str, list[str]]]:
    answer = client.get(path)
    assert answer.status_code == 200
    page = Words()
    page.feed(answer.content.decode())
    return page.said


@pytest.mark.parametrize("role", [Role.REP, Role.READ_ONLY])
def test_every_defined_word_has_its_definition_on_hover(
    world: World, enter: Enter, lead_id: UUID, role: str
) -> None:
    reader = User.objects.create_user("r@acme.example", role=Role.READ_ONLY)
    client = enter(world.ben if role == Role.REP else reader)
    path = {"Lead", "MQL", "SQL", "Opportunity", "Customer"}
    wanted = {
        "/leads": {"Hot", "Warm", "Cold", "Score", *map(str, labels.STAGES.values())},
        f"/leads/{lead_id}": {"Hot", "Score", "Fit", "Engagement", *path},
    }
    if role == Role.REP:
        wanted["/today"] = {"Hot", "score"}
    for address, expected in wanted.items():
        said = _words(client, address)
        unexplained = [word for word, around in said if MEANINGS[word] not in around]
        assert unexplained == [], address
        assert expected - {word for word, _around in said} == set(), address
