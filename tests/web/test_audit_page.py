"""The audit on its screen."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client

from leadline.workspace.models import AuditEntry, User
from tests.world import World

Enter = Callable[[User], Client]


@pytest.mark.django_db
def test_who_changed_what_from_where_reads_as_a_line(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    ada.post(f"/settings/people/{world.ben.pk}", {"role": "manager", "team": ""})
    text = ada.get("/settings/audit").content.decode()
    for said in ("Changed", "Ben", "Ada", "203.0.113.9", "<bdi>Rep</bdi> → ", "<bdi>Manager</bdi>"):
        assert said in text, said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "claimed", "believed"),
    [
        (0, "192.0.2.66, 198.51.100.7", "203.0.113.9"),
        (1, "192.0.2.66, 198.51.100.7", "198.51.100.7"),
        (2, "192.0.2.66, 198.51.100.7", "192.0.2.66"),
        (2, "198.51.100.7", "203.0.113.9"),
        (1, "<script>", "203.0.113.9"),
        (1, "", "203.0.113.9"),
    ],
)
def test_as_many_proxies_as_there_are_say_whom_they_speak_for(
    world: World, enter: Enter, settings: LazySettings, proxies: int, claimed: str, believed: str
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, trusted_proxy_count=proxies)
    headers = {"X-Forwarded-For": claimed, "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}
    enter(world.ada).post("/settings/people/invite", {"role": "rep"}, headers=headers)
    said = json.loads(AuditEntry.objects.latest("number").details)
    assert (said["from"], said["through"]) == (believed, "Firefox, Linux")


@pytest.mark.django_db
def test_a_look_at_the_chain_says_that_it_is_whole_or_where_it_breaks(
    world: World, enter: Enter
) -> None:
    ada = enter(world.ada)
    for _ in range(3):
        ada.post("/settings/people/invite", {"role": "rep"})
    assert b"3 entries, none changed or missing." in ada.get("/settings/audit?check=1").content
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workspace_auditentry SET act = 'key.made' WHERE number = 2")
    assert b"broken at entry 2" in ada.get("/settings/audit?check=1").content


@pytest.mark.django_db
def test_a_long_audit_comes_in_pages(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    assert b"Nothing has been changed yet" in ada.get("/settings/audit").content
    for _ in range(52):
        ada.post("/settings/people/invite", {"role": "rep"})
    first = ada.get("/settings/audit").content.decode()
    assert 'href="?before=3"' in first
    assert ada.get("/settings/audit?before=3").content.decode().count("Invited") == 2
    assert ada.get("/settings/audit?before=nonsense").status_code == 200


@pytest.mark.django_db
def test_who_is_no_admin_does_not_see_it(world: World, enter: Enter) -> None:
    assert enter(world.ben).get("/settings/audit").status_code == 403


@pytest.mark.django_db
def test_another_sender_and_approved_words_leave_a_line_each(world: World, enter: Enter) -> None:
    ada, address = enter(world.ada), "/settings/sending"
    for _ in range(2):
        ada.post(address, {"act": "address", "from_address": "hello@acme.example"})
    ada.post(address, {"act": "test"})
    ada.post(address, {"act": "approve", "subject": "Thank you", "text": "Back {when}."})
    ada.post(address, {"act": "approve", "subject": "{no}", "text": "x"})
    found = list(AuditEntry.objects.order_by("number").values_list("act", "details"))
    assert [act for act, _ in found] == ["sending.changed"] * 2
    assert "hello@acme.example" in found[0][1]
    assert "Thank you" in found[1][1]
