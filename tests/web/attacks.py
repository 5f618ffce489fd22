"""Texts that try to become programs (A01, A03), and a lead for each in every field it can reach."""

import csv
import io
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from leadline.activities import files
from leadline.activities.due import Due
from leadline.activities.tasks import Plan
from leadline.capture import imports
from leadline.capture.models import Parked
from leadline.flow import bulk, bulk_actions, bulk_choice, fields, intake, reactions, tasks
from leadline.lib import clock
from leadline.workspace import audit
from leadline.workspace.fields import Wanted
from leadline.workspace.models import User
from tests import world as worlds

PAYLOADS = tuple(
    """
<script>alert(1)</script>
<ScRiPt>alert(1)</sCrIpT>
</script><script>alert(1)</script>
<img src=x onerror=alert(1)>
<img/src/onerror=alert(1)>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x>
<body onload=alert(1)>
<iframe src=javascript:alert(1)>
<iframe srcdoc='<script>alert(1)</script>'>
<object data=javascript:alert(1)>
<embed src=javascript:alert(1)>
<math><mi//xlink:href='data:x,<script>alert(1)</script>'>
<a href=javascript:alert(1)>x</a>
<a href='java\tscript:alert(1)'>x</a>
javascript:alert(1)
<details open ontoggle=alert(1)>
<video><source onerror=alert(1)>
<audio src onerror=alert(1)>
<input autofocus onfocus=alert(1)>
<select autofocus onfocus=alert(1)>
<marquee onstart=alert(1)>
<form action=javascript:alert(1)><button>x</button></form>
<base href=//evil.example/>
<meta http-equiv=refresh content='0;url=javascript:alert(1)'>
<link rel=stylesheet href=//evil.example/x.css>
<style>*{background:url(javascript:alert(1))}</style>
"><script>alert(1)</script>
'><script>alert(1)</script>
" onmouseover=alert(1) x="
' onfocus=alert(1) autofocus x='
{{7*7}}
{{constructor.constructor('alert(1)')()}}
${7*7}
<%= 7*7 %>
{% include 'x' %}
{{ settings.SECRET_KEY }}
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<!--><img src=x onerror=alert(1)>-->
<template><script>alert(1)</script></template>
<div hx-get=/leads hx-trigger=load hx-on:load=alert(1)>
<x data-hx-on:click=alert(1)>
""".strip().splitlines()
)


SQL = ("'; DROP TABLE leads_lead; --", "1' OR '1'='1", "x'); DELETE FROM leads_lead; --",
       '" UNION SELECT password FROM workspace_user --', "=HYPERLINK(\"javascript:alert(1)\")",
       "=cmd|'/c calc'!A1", "@SUM(1+1)*cmd", "\\'; --")  # fmt: skip
CELLS = (*PAYLOADS, *SQL)


def build(owner: User, *, now: datetime) -> list[UUID]:
    """One lead per payload, with the payload wherever a stranger's text may end up."""
    return [_arrive(number, text, owner, now=now) for number, text in enumerate(PAYLOADS)]


def _arrive(number: int, text: str, owner: User, *, now: datetime) -> UUID:
    email = f"attack{number}@evil{number}.example.com"
    at = now - timedelta(minutes=30 + number)
    touch = {"source": text, "medium": text, "campaign": text, "referrer": text}
    said = [
        worlds.said("page", "Page Viewed", email=email, at=at, context=touch,
                    properties={"path": text, "title": text, text[:60]: text}),
        worlds.said("track", text[:110], email=email, at=at,
                    properties={"url": text, "language": text, "file_name": text}),
        worlds.form("demo", email=email, at=at, is_trusted=True, context=touch, traits={
            "name": text, "title": text, "company.name": text, "first_name": text, text[:60]: text,
        }, raw=msgspec.json.encode({"context": {"userAgent": text}}).decode()),
    ]  # fmt: skip
    found = intake.run(said, now=at).lead_ids[0]
    assert found is not None
    reactions.log_activity(
        found, kind="note", outcome="", text=text, by=owner.pk, began_at=at, now=at
    )
    return found


def import_file(*, now: datetime) -> None:
    """A row per text of `CELLS`, which stands in each of its cells but the address."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "<img src=x onerror=alert(1)>'; --.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["email", "name", "title", "company.name", "country", "city",
                          "<script>alert(1)</script>", SQL[0]])  # fmt: skip
            out.writerows([imported(number), *[text] * 7] for number, text in enumerate(CELLS))
        imports.start(path, now=now)
    while bulk.run_waiting(now=now):
        pass


def imported(number: int) -> str:
    """The address in the row of the text with this number."""
    return f"cell{number}@csv{number}.example.com"


def spread(leads: list[UUID], owner: User, *, now: datetime) -> None:
    """The payloads in what people write about those leads, and in what nobody could read."""
    due = Due(now + timedelta(days=1))
    for lead_id, text in zip(leads, PAYLOADS, strict=True):
        tasks.add(lead_id, Plan(text, due, owner.pk), by=owner, now=now)
        files.keep(lead_id, io.BytesIO(b"%PDF-1.7"), name=text, by=owner.pk, now=now)
        Parked.objects.create(
            source=text, received_at=now, body=text.encode(), meta="{}", error=text, tries=5,
            parked_at=now,
        )  # fmt: skip
    for number, text in enumerate(PAYLOADS[:12]):
        wanted = Wanted(label=f"{number} {text}"[:60], help=text, group=text[:60])
        fields.add(wanted, by=audit.by(owner, origin=text), now=now)
    choice = bulk_choice.of_leads(leads)
    for text in PAYLOADS[:12]:
        said = {"text": text, "due_at": clock.micros(due.at)}
        bulk_actions.begin("task", choice, said, by=audit.by(owner, origin=text[:45]), now=now)
