"""Files come in whole or row by row with a reason, and never twice."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from leadline.capture import imports
from leadline.capture.imports import Effect, Options
from leadline.capture.models import Import, ImportRow
from leadline.capture.submission import Submission
from leadline.workspace.models import Workspace

pytestmark = pytest.mark.django_db


class Desk:
    """Keeps what it is given, as the flow would: the same row again is unchanged."""

    def __init__(self) -> None:
        self.taken: list[Submission] = []

    def take(self, submissions: Sequence[Submission]) -> list[Effect]:
        known = {(s.source, s.message_id) for s in self.taken}
        people = {s.email for s in self.taken}
        effects: list[Effect] = []
        for said in submissions:
            if (said.source, said.message_id) in known:
                effects.append("unchanged")
                continue
            effects.append("updated" if said.email in people else "created")
            people.add(said.email)
            self.taken.append(said)
        return effects


@pytest.fixture(autouse=True)
def workspace(db: None, now: datetime) -> None:
    Workspace.objects.create(id=1, name="Acme", created_at=now)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def written(folder: Path, text: str, name: str = "leads.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def run(path: Path, desk: Desk, *, now: datetime, limit: int = 100, **chosen: object) -> Import:
    batch = imports.start(path, now=now, **chosen)  # type: ignore[arg-type]
    while imports.run_waiting(limit=limit, now=now, take=desk.take):
        pass
    batch.refresh_from_db()
    return batch


def counts(batch: Import) -> tuple[int, int, int, int, int]:
    return (
        batch.row_count,
        batch.created_count,
        batch.updated_count,
        batch.unchanged_count,
        batch.rejected_count,
    )


PEOPLE = "First Name,Email,Company Name\nAda,ada@x.example,X\nBen,Ben@Y.example ,Y\n"


def test_rows_become_trusted_history(tmp_path: Path, desk: Desk, now: datetime) -> None:
    batch = run(written(tmp_path, PEOPLE), desk, now=now)

    assert counts(batch) == (2, 2, 0, 0, 0)
    assert (batch.state, batch.finished_at) == ("done", now)
    ada, ben = desk.taken
    assert ada.is_trusted
    assert ada.is_history
    assert ada.kind == "identify"
    assert ada.traits == {"first_name": "Ada", "company.name": "X"}
    assert ben.email == "ben@y.example"
    assert ben.properties == {"import": str(batch.id), "file": "leads.csv", "row": 3}


def test_the_same_file_again_is_the_same_import(tmp_path: Path, desk: Desk, now: datetime) -> None:
    first = run(written(tmp_path, PEOPLE), desk, now=now)
    again = run(written(tmp_path, PEOPLE, name="copy.csv"), desk, now=now)

    assert again.id == first.id
    assert len(desk.taken) == 2
    assert Import.objects.count() == 1


def test_a_reordered_file_with_one_more_row_adds_one(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    run(written(tmp_path, PEOPLE), desk, now=now)
    head, ada, ben = PEOPLE.splitlines()
    text = "\n".join([head, ben, ada, "Cleo,cleo@z.example,Z"])

    batch = run(written(tmp_path, text), desk, now=now)

    assert counts(batch) == (3, 1, 0, 2, 0)


def test_totals_add_up_when_one_row_in_ten_is_bad(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    lines = ["email,name"]
    for n in range(1_000):
        bad = {0: "not an address,Nobody", 5: f"p{n}@x.example,Two,Cells"}.get(n % 10)
        lines.append(bad or f"p{n}@x.example,Person {n}")
    batch = run(written(tmp_path, "\n".join(lines)), desk, now=now, limit=64)

    assert counts(batch) == (1_000, 800, 0, 0, 200)


def test_rejected_rows_come_back_with_reason_and_text(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    text = 'email,note\nnobody,"=cmd()"\na@x.example,fine\nb@x.example,too,many\n'
    batch = run(written(tmp_path, text), desk, now=now)

    stream = io.StringIO()
    assert imports.write_rejected(batch, stream=stream) == 2
    rows = list(csv.reader(io.StringIO(stream.getvalue())))
    assert rows[0] == ["Line", "Reason", "email", "note"]
    assert rows[1][0] == "2"
    assert "no e-mail address" in rows[1][1]
    assert rows[1][2:] == ["nobody", "'=cmd()"]
    assert "3 cells" in rows[2][1]
    assert rows[2][2].startswith("b@x.example,too,many")


def test_an_interrupted_reading_goes_on_after_the_last_row(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    path = written(tmp_path, "email\n" + "".join(f"p{n}@x.example\n" for n in range(50)))
    batch = imports.start(path, now=now)
    ImportRow.objects.filter(batch=batch, number__gt=20).delete()
    Import.objects.filter(id=batch.id).update(state="reading")

    assert counts(run(path, desk, now=now)) == (50, 50, 0, 0, 0)


def test_what_the_step_fails_on_is_rolled_back_and_can_be_rejected(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    def fail(submissions: Sequence[Submission]) -> list[Effect]:
        raise ValueError("the database is full")

    batch = imports.start(written(tmp_path, PEOPLE), now=now)
    with pytest.raises(ValueError, match="full"):
        imports.run_waiting(now=now, take=fail)
    assert ImportRow.objects.filter(state="waiting").count() == 2

    assert imports.reject_next(error="the database is full", now=now)
    assert imports.run_waiting(now=now, take=desk.take) == 1
    batch.refresh_from_db()
    assert counts(batch) == (2, 1, 0, 0, 1)


def test_rows_that_were_taken_keep_no_copy(tmp_path: Path, desk: Desk, now: datetime) -> None:
    run(written(tmp_path, PEOPLE), desk, now=now)

    assert set(ImportRow.objects.values_list("state", "raw")) == {("done", "")}


def test_headings_that_occur_twice_must_be_settled(tmp_path: Path, now: datetime) -> None:
    path = written(tmp_path, "email,Email,name\na@x.example,b@x.example,A\n")

    with pytest.raises(imports.CannotImport, match="Columns 1 and 2 have the same name"):
        imports.start(path, now=now)

    assert not Import.objects.exists()


def test_an_open_quotation_mark_stops_there_and_names_its_line(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    text = 'email,name\na@x.example,A\nb@x.example,"B\nc@x.example,C\n'
    batch = run(written(tmp_path, text), desk, now=now)

    assert counts(batch) == (2, 1, 0, 0, 1)
    assert "Line 3: a quotation mark" in ImportRow.objects.get(state="rejected").error


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_are_recognised(tmp_path: Path, desk: Desk, now: datetime, encoding: str) -> None:
    path = written(tmp_path, "Vorname;E-Mail\nJürgen;j@x.example\n", encoding=encoding)

    assert run(path, desk, now=now).created_count == 1
    assert desk.taken[0].traits["first_name"] == "Jürgen"


def test_nul_bytes_are_dropped(tmp_path: Path, desk: Desk, now: datetime) -> None:
    run(written(tmp_path, "email,name\na@x.example,A\x00da\n"), desk, now=now)

    assert desk.taken[0].traits["name"] == "Ada"
    assert "\\u0000" not in desk.taken[0].raw


def test_an_opt_out_is_a_withdrawal_and_an_opt_in_is_nothing(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    text = "email,Opted out of email: Newsletter,opt_in\na@x.example,Yes,yes\nb@x.example,,yes\n"
    run(written(tmp_path, text), desk, now=now)

    assert [claim.state for claim in desk.taken[0].consents] == ["withdrawn"]
    assert desk.taken[1].consents == ()


def test_people_on_an_outbound_list_have_shown_no_interest(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    options = Options(origin="outbound", lead_source="purchased")
    run(written(tmp_path, PEOPLE), desk, now=now, options=options)

    assert not desk.taken[0].shows_interest
    assert desk.taken[0].traits["lead_source"] == "purchased"
    assert desk.taken[0].context == {"source": "purchased"}


def test_two_imports_take_turns_and_an_empty_one_ends(
    tmp_path: Path, desk: Desk, now: datetime
) -> None:
    empty = imports.start(written(tmp_path, "email\n", name="empty.csv"), now=now)
    batch = run(written(tmp_path, PEOPLE), desk, now=now)

    assert (empty.state, counts(empty)) == ("done", (0, 0, 0, 0, 0))
    assert batch.state == "done"


def test_a_mapping_by_hand_wins(tmp_path: Path, desk: Desk, now: datetime) -> None:
    path = written(tmp_path, "Kontakt,Wer\na@x.example,Ada\n")
    run(path, desk, now=now, mapping={"Kontakt": "email", "Wer": "first_name"})

    assert desk.taken[0].email == "a@x.example"
    assert desk.taken[0].traits == {"first_name": "Ada"}
