"""Files on the Lead page: put there, handed out to who may see the lead, removed and undone."""

import io
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leadline.activities import files
from leadline.activities.models import File
from leadline.flow import trash
from leadline.lib import clock
from leadline.workspace.models import Role, User
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
PDF = b"%PDF-1.7 an offer"


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    yield
    shutil.rmtree(Path(settings.ENVIRONMENT.data) / "media", ignore_errors=True)


def _add(client: Client, lead_id: UUID, content: bytes = PDF, name: str = "offer.pdf") -> str:
    """Upload; the text of the answer."""
    given = {"file": SimpleUploadedFile(name, content, content_type="text/html")}
    answer = client.post(f"/leads/{lead_id}/files", given, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_is_added_listed_and_handed_out_to_be_saved(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ben = enter(world.ben)
    assert "offer.pdf is added" in _add(ben, lead_id)
    row = File.objects.get()
    page = ben.get(f"/leads/{lead_id}").content.decode()
    assert f'href="/leads/{lead_id}/files/{row.pk}"' in page
    got = ben.get(f"/leads/{lead_id}/files/{row.pk}")
    assert b"".join(got.streaming_content) == PDF  # type: ignore[attr-defined]  # streamed
    assert got.headers["Content-Disposition"] == 'attachment; filename="offer.pdf"'
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert "no-store" in got.headers["Cache-Control"]


def test_who_may_not_see_the_lead_finds_no_file_and_a_trashed_lead_has_none(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    _add(enter(world.ben), lead_id)
    address = f"/leads/{lead_id}/files/{File.objects.get().pk}"
    cleo, ben = enter(world.cleo), enter(world.ben)
    answers = [cleo.get(address), cleo.post(f"{address}/remove"), cleo.post(address[:-37])]
    assert [each.status_code for each in answers] == [404, 404, 404]
    other = f"/leads/{UUID(int=7)}/files/{File.objects.get().pk}"
    assert ben.get(other).status_code == 404
    trash.move([lead_id], by=world.ada, now=clock.now())
    assert ben.get(address).status_code == 404


def test_what_is_refused_says_why_and_leaves_nothing(
    world: World, enter: Enter, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = enter(world.ben)
    assert "nothing with macros" in _add(ben, lead_id, b"<script>alert(1)</script>", "a.pdf")
    assert "at most 10 MB" in _add(ben, lead_id, PDF + b"x" * files.MOST_BYTES)
    plain = ben.post(f"/leads/{lead_id}/files", {"file": io.BytesIO(b"MZ\x00")})
    assert (plain.status_code, "Back to the lead" in plain.content.decode()) == (422, True)
    assert ben.post(f"/leads/{lead_id}/files", {}).status_code == 422
    assert File.objects.count() == 0


def test_a_request_much_larger_than_a_file_may_be_is_not_kept_anywhere(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    said = _add(enter(world.ben), lead_id, PDF + b"x" * (files.MOST_BYTES + 2 * 2**20))
    assert "at most 10 MB" in said
    assert not File.objects.exists()


def test_its_author_and_managers_remove_a_file_and_undo_it(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    manager = User.objects.create_user("max@acme.example", role=Role.MANAGER, team=world.sales)
    ben, dora = enter(world.ben), User.objects.create_user(
        "dora@acme.example", role=Role.REP, team=world.sales
    )  # fmt: skip
    _add(enter(world.ada), lead_id)
    address = f"/leads/{lead_id}/files/{File.objects.get().pk}"
    assert f'action="{address}/remove"' not in ben.get(f"/leads/{lead_id}").content.decode()
    assert [enter(who).post(f"{address}/remove").status_code for who in (world.ben, dora)] == [
        403, 403,
    ]  # fmt: skip
    removed = enter(manager).post(f"{address}/remove", headers=HTMX).content.decode()
    assert enter(world.ada).get(address).status_code == 404
    token = re.search(r'name="token" value="([^"]+)"', removed)
    assert token is not None
    enter(manager).post("/undo", {"token": token[1]}, headers=HTMX)
    back = enter(world.ada).get(address)
    back.close()
    assert back.status_code == 200


def test_a_strange_name_harms_nobody(world: World, enter: Enter, lead_id: UUID) -> None:
    ben = enter(world.ben)
    _add(ben, lead_id, PDF, '"><img src=x onerror=alert(1)>\u202efdp.exe')
    row = File.objects.get()
    page = ben.get(f"/leads/{lead_id}").content.decode()
    assert "<img src=x" not in page
    got = ben.get(f"/leads/{lead_id}/files/{row.pk}")
    got.close()
    assert "\n" not in got.headers["Content-Disposition"]
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert row.name.endswith(".pdf")


def test_a_file_that_is_sent_again_is_there_once(world: World, enter: Enter, lead_id: UUID) -> None:
    for _ in range(2):
        given = {"file": io.BytesIO(PDF)}
        answer = enter(world.ben).post(
            f"/leads/{lead_id}/files", given, headers={**HTMX, "Idempotency-Key": "once"}
        )
        assert answer.status_code == 200
    assert File.objects.filter(lead=lead_id).count() == 1
