"""Every operator with every odd value, every span with every edge: grids of rules and leads."""

from collections.abc import Iterable, Mapping, Sequence

from leadline.criteria import batch, batch_rows
from leadline.criteria.evaluate import evaluate
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.lib.clock import DAY, HOUR, MINUTE
from tests.criteria import batch_examples as odd
from tests.criteria.examples import LENGTHS_US, NOW, SPANS, read
from tests.criteria.frames import Put, frame

Rule = dict[str, object]
AT_ONCE = 60
"""Columns of one question: Spark compiles each of them."""

OPERANDS = [text for text in odd.TEXTS if text and text.isprintable()]
LIMITED = [number for number in odd.NUMBERS if abs(number) <= 10**15]
DAYS = ["2026-03-10", "1985-05-05"]
VALUES: Sequence[object] = (None, *odd.TEXTS, *odd.NUMBERS, *odd.LISTS, *odd.OBJECTS, True, False)

_TRAITS = {
    "text": "title_seniority", "number": "company.employee_count", "boolean": "is_partner",
    "date": "birthday", "list": "tags",
}  # fmt: skip


def operators() -> list[Rule]:
    """Each operator with each operand, on a trait of each type that takes it."""
    tests: Mapping[str, Iterable[Rule]] = {
        "text": [
            *_each(("is", "is_not", "contains", "starts", "ends"), OPERANDS),
            *_each(("in", "not_in"), [OPERANDS[:4], OPERANDS[4:9]]),
            *_each(("matches",), odd.PATTERNS),
        ],
        "number": [
            *_each(("is", "is_not", "gte", "gt", "lte", "lt"), LIMITED),
            *_each(("in", "not_in"), [[0.1, 50], [1]]),
            {"between": [-1, 49]},
        ],
        "boolean": _each(("is", "is_not"), [True, False]),
        "date": [
            *_each(("is", "is_not", "gte", "gt", "lte", "lt"), DAYS),
            *_each(("in", "not_in"), [DAYS]),
            {"between": ["1985-05-05", "2026-03-10"]},
        ],
        "list": [
            *_each(("contains",), ["expo", "it's", "a\\"]),
            *_each(("in", "not_in"), [["expo", "b"]]),
        ],
    }
    known = _each(("exists",), [True, False])
    return [
        {"trait": _TRAITS[kind], **test} for kind, of in tests.items() for test in (*of, *known)
    ]


def _each(words: Sequence[str], operands: Iterable[object]) -> list[Rule]:
    return [{word: operand} for word in words for operand in operands]


def said() -> list[Snapshot]:
    """One lead per odd value, which is the value of every trait."""
    return [Snapshot(traits=dict.fromkeys(_TRAITS.values(), value)) for value in VALUES]


def windows() -> list[Rule]:
    """Each span behind each word that takes one."""
    opened = "Email Opened"
    return [
        rule
        for span in SPANS
        for rule in (
            {"did": opened, "within": span},
            {"did": opened, "at_least": 2, "within": span},
            {"did_not": opened, "within": span},
            {"ratio_of": opened, "to": "Page Viewed", "at_least": 0.5, "within": span},
            {"since": "last_touch", "at_least": span},
        )
    ]


def edges(at_us: int, offset: int) -> list[Snapshot]:
    """Leads of whom something happened at each edge of a window or of a day, and just beside."""
    to_midnight_us = (at_us + offset * MINUTE) % DAY
    ages_us = [
        *LENGTHS_US,
        0,
        HOUR,
        *(to_midnight_us + days * DAY for days in (0, 1, 6, 7, 13, 14)),
    ]
    return [_happened(at_us - age_us + nudge) for age_us in ages_us for nudge in (-1, 0, 1)]


def _happened(us: int) -> Snapshot:
    events = [
        Event(1, "Email Opened", us),
        Event(2, "Email Opened", us - 1),
        Event(3, "Page Viewed", us),
        Event(4, "Page Viewed", us - 1),
        Event(5, "Page Viewed", us + 1),
    ]
    return Snapshot(events=by_name(events), facts={"since.last_touch": us})


def differences(
    rules: Sequence[Rule], leads: Sequence[Snapshot], put: Put, *, at_us: int = NOW, offset: int = 0
) -> list[tuple[Rule, Snapshot]]:
    """Where the batch says something else than the evaluator in process."""
    everybody = frame(leads, at_us, put=put)
    found = []
    for begin in range(0, len(rules), AT_ONCE):
        some = rules[begin : begin + AT_ONCE]
        nodes = {f"r{place}": read(rule) for place, rule in enumerate(some)}
        table = batch.holds(nodes, everybody, day_offset_minutes=offset)
        rows = {row["lead"]: row for row in batch_rows.fetched(table).to_pylist()}
        for (name, node), rule in zip(nodes.items(), some, strict=True):
            for number, lead in enumerate(leads):
                expected = evaluate(node, lead, at_us, day_offset_minutes=offset).holds
                if rows[number][name] is not expected:
                    found.append((rule, lead))
    return found
