"""Requests made from the OpenAPI document: nothing breaks, nothing answers off the record."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from leadline.api.limits import LIMITS
from leadline.workspace.models import User
from tests.api.conftest import Place

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 200
OPERATIONS = 54


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests share the test's transaction, as Django's own test client arranges it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_breaks_the_api_or_its_description(
    place: Place, analyst: None, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == OPERATIONS
    each = EXAMPLES // OPERATIONS + 1
    asked = sum(_ask(operation, place, mode, count=each) for operation in operations)
    assert asked >= EXAMPLES
    assert User.objects.count() == 3


def _ask(
    operation: Any,  # Any: the library's type
    place: Place,
    mode: GenerationMode,
    *,
    count: int,
) -> int:
    """Send generated requests, every other one about a lead that exists; returns how many.

    What each changes is taken back, so that a deleted lead is there for the next.
    """
    asked = 0

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:  # Any: the library's type
        nonlocal asked
        asked += 1
        LIMITS.forget()
        if "lead_id" in (case.path_parameters or {}) and asked % 2:
            case.path_parameters["lead_id"] = str(place.lead_id)
        headers = {"Authorization": f"Bearer {place.ada.secret}"}
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=CHECKS)
            transaction.set_rollback(True)

    each()
    return asked
