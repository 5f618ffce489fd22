"""Commands translate, make one call and print: for people, for machines, or one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leadline.cards.models import Card
from leadline.cli import main, serve
from leadline.cli.root import COMMANDS
from leadline.flow import intake
from leadline.leads.models import Lead
from leadline.workspace.models import ApiKey, User
from tests.world import World, form


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def answer(*arguments: str) -> dict[str, object]:
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_the_list_of_commands_needs_no_django() -> None:
    script = "import sys, leadline.cli; print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_a_folder_without_a_workspace_is_refused_in_one_sentence(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LEADLINE_")}
    done = subprocess.run(
        [sys.executable, "-m", "leadline", "doctor", "--data", str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=60, env=environment,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        f"leadline: There is no workspace in {tmp_path}. Run: leadline setup --data {tmp_path}\n"
    )


@pytest.mark.django_db
def test_a_playbook_goes_out_into_a_folder_and_comes_back_unchanged(
    world: World, tmp_path: Path
) -> None:
    written = answer("playbook", "export", str(tmp_path / "own"))
    assert "playbook.yaml" in written["files"]  # type: ignore[operator]
    assert answer("playbook", "diff", str(tmp_path / "own")) == {"changes": []}
    assert answer("playbook", "apply", str(tmp_path / "own"))["changes"] == []


@pytest.mark.django_db
def test_a_playbook_with_a_mistake_names_file_and_path(world: World, tmp_path: Path) -> None:
    call("playbook", "export", str(tmp_path / "own"))
    (tmp_path / "own" / "sla.yaml").write_text("policies: [{name: Hot, when: {stag: mql}}]\n")
    result = call("playbook", "apply", str(tmp_path / "own"))
    assert result.exit_code == 2
    assert "sla.yaml" in result.output
    assert result.output.count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_a_file_is_previewed_then_imported_and_the_second_time_changes_nothing(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("E-mail,First name\ngrace@navy.example.com,Grace\nnot an address,Nobody\n")
    before = answer("import", str(file), "--preview")
    assert (before["row_count"], Lead.objects.count()) == (2, 0)
    done = answer("import", str(file))
    assert (done["rows"], done["created"], done["rejected"]) == (2, 1, 1)
    assert answer("import", str(file)) == done
    assert Lead.objects.count() == 1


@pytest.mark.django_db
def test_a_mapping_without_an_equals_sign_is_refused(world: World, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("a,b\n1,2\n")
    result = call("import", str(file), "--map", "email")
    assert (result.exit_code, "COLUMN=TRAIT" in result.output) == (2, True)


@pytest.mark.django_db
def test_a_score_is_shown_line_by_line_and_the_lines_add_up(world: World) -> None:
    intake.run([form("demo", email="grace@navy.example.com", at=world.now)], now=world.now)
    found = answer("scores", "show", "grace@navy.example.com")
    lines = found["lines"]
    assert isinstance(lines, list)
    assert sum(line["points_micro"] for line in lines) == found["total"]
    assert call("scores", "show", "nobody@navy.example.com").exit_code == 2


@pytest.mark.django_db(transaction=True)
def test_the_doctor_finds_a_card_that_was_changed_by_hand_and_repairs_it(world: World) -> None:
    intake.run([form("demo", email="grace@navy.example.com", at=world.now)], now=world.now)
    assert answer("doctor")["is_well"] is True
    Card.objects.update(stage="customer")
    found = call("doctor", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["differing"] == 1
    call("doctor", "--repair")
    assert answer("doctor")["differing"] == 0


@pytest.mark.django_db
def test_a_key_is_shown_once_and_works_until_it_is_revoked(world: World) -> None:
    made = answer("apikey", "make", "Zapier", "--scope", "leads:read")
    secret = str(made["secret"])
    assert secret not in call("apikey", "list").output
    assert secret not in str(list(ApiKey.objects.values()))
    assert answer("apikey", "revoke", "api", str(made["id"])) == {"revoked": made["id"]}
    assert call("apikey", "revoke", "api", str(made["id"])).exit_code == 2


@pytest.mark.django_db
def test_a_person_is_added_with_a_seat_and_deactivated(world: World) -> None:
    added = answer("user", "add", "dora@acme.example", "--team", "Sales", "--takes-leads")
    dora = User.objects.get(id=added["id"])
    assert dora.check_password(str(added["password"]))
    assert dora.takes_leads
    assert call("user", "add", "Dora@Acme.example").exit_code == 2
    answer("user", "deactivate", "dora@acme.example")
    assert not User.objects.get(id=added["id"]).is_active


@pytest.mark.django_db
def test_the_owner_cannot_be_deactivated(world: World) -> None:
    assert call("user", "deactivate", world.ada.email).exit_code == 2
    assert User.objects.get(id=world.ada.id).is_active


@pytest.mark.django_db
def test_a_weak_password_is_refused_with_the_reason(world: World) -> None:
    result = call("user", "add", "dora@acme.example", "--password", "12345")
    assert (result.exit_code, "too short" in result.output) == (2, True)


def test_the_console_names_the_set_up_page_and_its_token(tmp_path: Path) -> None:
    event = {"event": "serving", "url": "http://127.0.0.1:8000", "needs_set_up": True, "token": "t"}
    lines = "\n".join(serve.sentences(event, folder=tmp_path))
    assert "http://127.0.0.1:8000/set-up" in lines
    assert "one-time token  t" in lines


def test_the_console_of_a_server_names_the_public_address_and_no_passkey_for_localhost(
    tmp_path: Path,
) -> None:
    event = {"event": "serving", "url": "http://127.0.0.1:8000", "needs_set_up": False}
    at_home = serve.sentences(event, folder=tmp_path)
    public = serve.sentences(event, folder=tmp_path, base_url="https://leads.example.com")
    assert "http://localhost:8000" in at_home[-1]
    assert public[1:] == ["  for everybody: https://leads.example.com"]
    event |= {"needs_set_up": True, "token": "t"}
    first = serve.sentences(event, folder=tmp_path, base_url="https://leads.example.com")
    assert "https://leads.example.com/set-up" in first[1]


def test_the_console_says_how_to_sign_in_to_the_demo(tmp_path: Path) -> None:
    (tmp_path / "sign_in.txt").write_text("Sign in as ada@example.com with the password x\n")
    event = {"event": "serving", "url": "http://127.0.0.1:8000", "needs_set_up": False}
    assert serve.sentences(event, folder=tmp_path)[1].endswith("with the password x")
