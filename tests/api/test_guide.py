"""The description of the API for machines and for people."""

import re

import pytest
from django.test import Client

from leadline.api import guide
from tests.api.conftest import Place


def test_the_openapi_document_names_everything_and_needs_no_key(place: Place) -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/v1/leads", "/api/v1/leads/{lead_id}", "/api/v1/leads/{lead_id}/timeline",
        "/api/v1/leads/{lead_id}/score", "/api/v1/leads/{lead_id}/restore",
        "/api/v1/deals", "/api/v1/deals/{deal_id}", "/api/v1/tasks", "/api/v1/tasks/{task_id}",
        "/api/v1/companies", "/api/v1/companies/{company_id}", "/api/v1/fields",
        "/api/v1/fields/{name}", "/api/v1/fields/{name}/archive", "/api/v1/fields/{name}/restore",
        "/api/v1/leads/{lead_id}/adjustments",
        "/api/v1/leads/{lead_id}/adjustments/{adjustment_id}", "/api/v1/score-models",
        "/api/v1/score-models/templates", "/api/v1/score-models/{model_id}/make-default",
        "/api/v1/score-models/{model_id}/versions",
        "/api/v1/score-models/{model_id}/versions/{number}",
        "/api/v1/score-models/{model_id}/draft", "/api/v1/score-models/{model_id}/publish",
        "/api/v1/score-models/{model_id}/cancel-schedule",
        "/api/v1/score-models/{model_id}/roll-back", "/api/v1/score-models/{model_id}/retire",
        "/api/v1/backtests", "/api/v1/backtests/leads",
        "/api/v1/segments", "/api/v1/segments/changes", "/api/v1/segments/{segment_id}",
        "/api/v1/segments/{segment_id}/members",
        "/api/v1/schema/criterion", "/api/v1/schema/score-model",
        "/api/v1/me", "/api/v1/bulk", "/api/v1/bulk/{action_id}", "/api/v1/bulk/{action_id}/undo",
    }  # fmt: skip
    for operations in document["paths"].values():
        for operation in operations.values():
            kinds = {
                status: list(answer["content"])
                for status, answer in operation["responses"].items()
                if status != "204"
            }
            assert all(
                kind == ["application/problem+json" if int(status) >= 400 else "application/json"]
                for status, kind in kinds.items()
            )


def test_the_page_for_people_comes_from_us_and_runs_nothing(place: Place) -> None:
    found = Client().get("/api/docs")
    text = found.content.decode()
    assert found.status_code == 200
    assert "script" not in text
    assert " style=" not in text
    assert set(re.findall(r'(?:href|src)="([^"#]+)"', text)) == {
        "/api/docs.css", "/api/v1/openapi.json",
    }  # fmt: skip
    assert "default-src 'none'" in found.headers["Content-Security-Policy"]
    assert "/api/v1/leads/{lead_id}/timeline" in text
    assert Client().get("/api/docs.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "uuid"}, "text (uuid)"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "whole number or null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Lead"}}, "list of Lead"),
        ({"enum": ["a", "b"]}, "one of a, b"),
        ({}, "any value"),
    ],
)
def test_a_type_is_said_in_words(schema: dict[str, object], words: str) -> None:
    assert guide.type_of(schema) == words
