"""Through the real doors: one person at all of them at once, and people who pretend to be others.

The attacker has what anybody has: the public key of the snippet and the forms.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from tests.worker.tree import Tree, served, until

_names = (f"p{number}" for number in count())


class Doors:
    """The doors of a tree, and what can be seen behind them."""

    def __init__(self, tree: Tree, client: httpx.Client) -> None:
        self._tree = tree
        self._client = client
        self._api = {"Authorization": f"Bearer {tree.keys['api_key']}"}

    def form(self, email: str, *, cookie: str = "", **fields: str) -> int:
        said = {"name": "Somebody", "company.name": "Some", "email": email, **fields}
        return self._client.post("/f/demo", json={**said, "_anonymous_id": cookie}).status_code

    def browser(self, route: str, **said: Any) -> int:
        return self._segment(route, "browser_key", said)

    def server(self, route: str, **said: Any) -> int:
        return self._segment(route, "write_key", said)

    def upsert(self, **body: Any) -> int:
        return self._client.post("/api/v1/leads", json=body, headers=self._api).status_code

    def leads(self, **query: str) -> list[dict[str, Any]]:
        """After everything that was sent has been worked off."""
        until(lambda: self._tree.pending() == 0, what="the inbox to be empty")
        found = self._client.get("/api/v1/leads", params=query, headers=self._api)
        assert found.status_code == 200, found.text
        return list(found.json()["items"])

    def lead(self, **query: str) -> dict[str, Any]:
        (found,) = self.leads(**query)
        return found

    def events(self, lead: dict[str, Any]) -> list[str]:
        path = f"/api/v1/leads/{lead['id']}/timeline?kind=event&limit=100"
        items = self._client.get(path, headers=self._api).json()["items"]
        return sorted(item["name"] for item in items)

    def _segment(self, route: str, key: str, said: dict[str, Any]) -> int:
        answer = self._client.post(f"/v1/{route}", json=said, auth=(self._tree.keys[key], ""))
        return answer.status_code


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with (
        served(tmp_path_factory.mktemp("doors") / "data") as tree,
        httpx.Client(base_url=tree.url, timeout=30) as client,
    ):
        yield Doors(tree, client)


@pytest.fixture
def email() -> str:
    """An address that no other test uses."""
    return f"{next(_names)}@victim.example.com"


def test_the_same_address_fifty_times_at_every_door_is_one_lead(doors: Doors, email: str) -> None:
    acts: list[Callable[[int], int]] = [
        lambda number: doors.form(email, cookie=f"cookie-{number}", **{"mark": str(number)}),
        lambda number: doors.server("track", event="Signed Up", userId="one",
                                    context={"traits": {"email": email}}, messageId=f"t{number}"),
        lambda number: doors.browser("identify", anonymousId=f"b{number}", traits={"email": email}),
        lambda number: doors.upsert(email=email, traits={"title": f"Title {number}"}),
    ]  # fmt: skip
    start = threading.Barrier(10)

    def act(number: int) -> int:
        if number < 10:
            start.wait(20)
        return acts[number % 4](number)

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(act, range(50)))
    assert set(statuses) <= {200, 201}
    lead = doors.lead(email=email)
    assert len(doors.events(lead)) == 50
    assert lead["owner"] is not None
    assert lead["user_ids"] == ["one"]


def test_who_claims_an_address_changes_reads_and_takes_nothing(doors: Doors, email: str) -> None:
    traits = {"email": email, "firstName": "Vera", "lastName": "Victim", "title": "CEO"}
    doors.server("identify", userId=email, traits=traits)
    before = doors.lead(email=email)
    stolen = {"email": email, "firstName": "Mallory", "title": "Intern", "phone": "+49301234567"}
    assert doors.browser("identify", anonymousId="mallory", userId=email, traits=stolen) == 200
    assert doors.form(email, cookie="mallory", name="Mallory Mean") in (200, 201)
    after = doors.lead(email=email)
    for field in ("id", "name", "emails", "phones", "user_ids", "merged_into"):
        assert after[field] == before[field], field
    for name, value in before["traits"].items():
        assert after["traits"][name] == value, name
    # What the victim does later is the victim's alone.
    doors.server("track", userId=email, event="Invoice Paid")
    assert "Invoice Paid" in doors.events(doors.lead(email=email))
    assert doors.leads(anonymous_id="mallory") in ([], [doors.lead(email=email)])


@pytest.mark.parametrize("known_by", ["user_id", "external_id"])
def test_who_claims_an_identifier_cannot_add_an_address_of_their_own(
    doors: Doors, email: str, known_by: str
) -> None:
    """The victim has no address yet. With one of the attacker's, mails would go to the attacker."""
    victim, cookie, mallory = f"user of {email}", f"cookie of {email}", f"mallory.{email}"
    said: dict[str, Any] = {"userId": victim}
    query = {"user_id": victim}
    if known_by == "external_id":
        said["context"] = {"externalIds": [{"type": "crm_id", "id": victim}]}
    doors.server("identify", **said, traits={"firstName": "Vera"})
    before = doors.lead(**query)
    claim = {**said, "userId": None} if known_by == "external_id" else said
    doors.browser("identify", anonymousId=cookie, **claim)
    doors.form(mallory, cookie=cookie)
    after = doors.lead(**query)
    assert (after["id"], after["emails"]) == (before["id"], [])
    assert doors.lead(email=mallory)["id"] != before["id"]
    # Nor by signing up with an account of their own in the same browser.
    doors.browser("identify", anonymousId=cookie, **claim)
    doors.server("identify", anonymousId=cookie, userId=mallory, traits={"email": f"x{mallory}"})
    assert doors.lead(**query)["emails"] == []


def test_a_cookie_is_an_identifier_of_its_own_kind(doors: Doors, email: str) -> None:
    doors.form(email)
    lead = doors.lead(email=email)
    for cookie in (lead["id"], email, "1", "9223372036854775807", "' OR 1=1 --", "null"):
        assert doors.browser("page", anonymousId=cookie, name="Stolen") == 200
        assert doors.browser("identify", anonymousId=cookie, traits={"plan": "x"}) == 200
    assert doors.events(doors.lead(email=email)) == ["Form Submitted"]
    assert doors.leads(anonymous_id=lead["id"]) == []


def test_two_people_at_one_computer_stay_two(doors: Doors, email: str) -> None:
    other, cookie = f"other.{email}", f"shared {email}"
    doors.browser("page", anonymousId=cookie, name="Before")
    doors.form(email, cookie=cookie)
    doors.browser("page", anonymousId=cookie, name="Between")
    doors.form(other, cookie=cookie)
    doors.browser("page", anonymousId=cookie, name="After")
    first, second = doors.lead(email=email), doors.lead(email=other)
    assert first["id"] != second["id"]
    assert doors.events(first) == ["Form Submitted", "Page Viewed", "Page Viewed"]
    assert doors.events(second) == ["Form Submitted", "Page Viewed"]
    assert doors.lead(anonymous_id=cookie)["id"] == second["id"]
