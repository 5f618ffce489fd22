"""Cells are read by what their column means; what cannot be read is named and kept."""

from datetime import datetime

import pytest

from leadline.capture import import_rows
from leadline.lib import clock

HEADER = ("email", "phone", "country", "employees", "created", "source", "id")
TARGETS = (
    "email",
    "phone",
    "country",
    "company.employee_count",
    "created_at",
    "lead_source",
    "external_id:salesforce",
)


@pytest.fixture
def plan(now: datetime) -> import_rows.Plan:
    return import_rows.Plan(
        import_id="i1",
        file_name="f.csv",
        header=HEADER,
        targets=TARGETS,
        is_history=True,
        lead_source="",
        origin="inbound",
        shows_interest=True,
        is_test=False,
        at_us=clock.micros(now),
    )


def read(plan: import_rows.Plan, *cells: str) -> import_rows.Submission:
    padded = (*cells, *[""] * (len(HEADER) - len(cells)))
    return import_rows.submission(padded, number=2, plan=plan, now_us=plan.at_us)


def test_cells_are_canonical(plan: import_rows.Plan) -> None:
    said = read(
        plan, "mailto:Ada@X.Example", "+49 30 901820", "DE", "50-200", "2026-01-02", "Fair",
        "00Q5g00000ABCDEAA4",
    )  # fmt: skip

    assert said.email == "ada@x.example"
    assert said.phone == "+4930901820"
    assert said.traits["company.employee_count"] == 50
    assert said.occurred_us == clock.micros(clock.parse_iso("2026-01-02"))
    assert said.context == {"source": "Fair"}
    assert said.external_id == "salesforce:00Q5g00000ABCDE"


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z"),
        ("2026-03-01 10:00", "2026-03-01T10:00:00Z"),
        ("3/1/2026 9:30 PM", "2026-03-01T21:30:00Z"),
        ("3/1/2026 12:05 AM", "2026-03-01T00:05:00Z"),
        ("01.03.2026 09:30", "2026-03-01T09:30:00Z"),
        ("01-03-2026 19:58", "2026-03-01T19:58:00Z"),
        ("1.3.2026", "2026-03-01T00:00:00Z"),
    ],
)
def test_dates_are_read_as_systems_export_them(written: str, iso: str) -> None:
    assert import_rows.instant(written) == clock.parse_iso(iso)


@pytest.mark.parametrize("written", ["13/13/2026", "31.02.2026", "1.1.2026 25:00", "soon", "1/2"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(clock.NotATime):
        import_rows.instant(written)


def test_a_broken_cell_does_not_cost_the_row(plan: import_rows.Plan) -> None:
    said = read(plan, "a@x.example", "call me", "DE", "many", "31.02.2026")

    assert said.email == "a@x.example"
    assert said.occurred_us == plan.at_us
    assert len(said.problems) == 3
    assert '"call me"' in said.raw


def test_a_date_in_the_future_counts_as_unknown(plan: import_rows.Plan) -> None:
    said = read(plan, "a@x.example", "", "", "", "2099-01-01")

    assert said.occurred_us == plan.at_us
    assert said.problems == ("'2099-01-01' lies in the future",)


def test_a_row_that_names_nobody_says_why(plan: import_rows.Plan) -> None:
    with pytest.raises(import_rows.NotARow, match="no e-mail address"):
        read(plan, "nobody@")
    with pytest.raises(import_rows.NotARow, match="no e-mail, phone, user id or external id"):
        read(plan, "NULL", "n/a", "DE")


def test_the_message_id_follows_person_and_content_only(plan: import_rows.Plan) -> None:
    one = read(plan, "a@x.example", "", "DE")
    other = read(plan, " A@X.EXAMPLE", "", "DE")
    changed = read(plan, "a@x.example", "", "FR")

    assert one.message_id == other.message_id
    assert one.message_id != changed.message_id
    assert len(one.message_id) <= 100
