"""A real process tree under load while its processes are killed, and what must hold afterwards.

`round` is one kill; the tests run a few, `make torture` a hundred.
"""

import itertools
import json
import random
import threading
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import httpx

from tests.worker.tree import Tree, run, until

VICTIMS = ("leadline.worker.web", "leadline.worker.main", "supervisor")
PEOPLE = 40
CLIENTS = 3
GONE = {"sent", "folder"}  # there is no mail server: what leaves the house lies in the folder


class Load:
    """Visitors who send events and forms, and remember what was acknowledged.

    A form's mark stands in a field that nobody reads; an event's is its message id.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._numbers = itertools.count()
        self._stop = threading.Event()
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self) -> None:
        with httpx.Client(base_url=self._tree.url, timeout=10) as client:
            while not self._stop.is_set():
                self._send(client, next(self._numbers))
                time.sleep(0.003)

    def _send(self, client: httpx.Client, number: int) -> None:
        mark = f"mark-{number}"
        self.sent.add(mark)
        email = f"person{number % PEOPLE}@storm{number % 7}.example.com"
        try:
            if number % 4 == 0:
                answer = client.post("/f/demo", json=_form(mark, email))
            else:
                key = self._tree.keys["write_key"]
                answer = client.post("/v1/track", json=_event(mark, email), auth=(key, ""))
        except httpx.TransportError:
            return  # not acknowledged: it may be stored or not
        assert answer.status_code in (200, 503), (answer.status_code, answer.text)
        if answer.status_code == 200:
            self.acknowledged.add(mark)


def _form(mark: str, email: str) -> dict[str, object]:
    return {"name": "Grace", "email": email, "company.name": "Navy", "mark": mark}


def _event(mark: str, email: str) -> dict[str, object]:
    properties = {"mark": mark, "path": "/pricing"}
    traits = {"email": email}
    return {
        "event": "Product Viewed", "userId": email, "messageId": mark, "properties": properties,
        "context": {"traits": traits},
    }  # fmt: skip


def round(tree: Tree, chance: random.Random, *, victim: str) -> None:  # of a storm
    """Kill one process with -9 after 50 to 500 ms; returns when everything answers again."""
    time.sleep(chance.uniform(0.05, 0.5))
    tree.kill(victim)
    until(tree.is_ready, what=f"the tree to be ready after the end of {victim}")


def rage(tree: Tree, *, rounds: int, seed: int) -> Load:
    """So many rounds under load; returns when everything that arrived is worked off."""
    chance = random.Random(seed)
    with Load(tree) as load:
        for number in range(rounds):
            round(tree, chance, victim=VICTIMS[number % len(VICTIMS)])
    until(lambda: tree.pending() == 0, what="the inbox to be empty")
    return load


def check(tree: Tree, load: Load) -> None:
    """Nothing lost, nothing twice, nothing made up; leads, clocks and cards agree."""
    stored = _marks(tree)
    assert load.acknowledged - set(stored) == set(), "acknowledged and lost"
    assert [mark for mark, count in stored.items() if count > 1] == [], "stored twice"
    assert set(stored) - load.sent == set(), "sent by nobody"
    assert tree.query("SELECT count(*) FROM capture_parked") == [(0,)]
    assert tree.query("SELECT count(*) FROM leads_lead WHERE merged_into_id IS NULL") == [
        (_people(load, stored),)
    ]
    twice = "SELECT lead_id FROM {} GROUP BY lead_id HAVING count(*) > 1"
    for table in ("routing_assignment", "routing_clock"):
        assert tree.query(twice.format(table)) == [], f"{table} twice for one lead"


def check_doctor(tree: Tree) -> None:
    """Cards and scores agree with the rows that they come from."""
    done = run(tree.environment, "doctor", "--data", str(tree.data), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["is_well"] is True


def check_mails(tree: Tree) -> None:
    """Each message that counts as sent left the house once, every other at most once."""
    left = _mailed(tree.data / "outbox")
    assert left, "nothing was mailed, so nothing was shown"
    assert [number for number, count in left.items() if count > 1] == [], "mailed twice"
    rows = dict(tree.query("SELECT id, state FROM delivery_message"))
    states = {str(key).replace("-", ""): str(state) for key, state in rows.items()}
    assert {key for key, state in states.items() if state in GONE} <= set(left)
    # Killed between the mail server's answer and the note of it: the state says so.
    assert {states[key] for key in left} <= GONE | {"handing", "unknown"}


def _people(load: Load, stored: Counter[str]) -> int:
    numbers = [int(mark.rpartition("-")[2]) for mark in stored]
    return len({(number % PEOPLE, number % 7) for number in numbers})


def _marks(tree: Tree) -> Counter[str]:
    """How often each mark is in a timeline."""
    found: Counter[str] = Counter()
    for message_id, name, raw in tree.query("SELECT message_id, name, raw FROM timeline_event"):
        if name == "Form Submitted":
            found[json.loads(str(raw))["posted"]["mark"][0]] += 1
        else:
            found[str(message_id)] += 1
    return found


def _mailed(folder: Path) -> Counter[str]:
    """The ids of the messages in the outbox folder, and how often each is there."""
    return Counter(
        message_from_bytes(part.lstrip() + b"\n")["Message-ID"].strip("<>").partition("@")[0]
        for file in folder.glob("*")
        for part in file.read_bytes().split(b"-" * 79)
        if part.strip()
    )
