"""The registry of erasers and exporters."""

from collections.abc import Iterator

import pytest

from leadline.lib import personal_data


@pytest.fixture
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(personal_data, "_holders", {})
    return


def test_holders_are_listed_by_label(empty_registry: None) -> None:
    personal_data.register("timeline.Event", holds=("ip",), eraser=None, exporter=None)
    personal_data.register("leads.Lead", holds=("name", "email"), eraser=None, exporter=None)
    labels = [holder.model_label for holder in personal_data.registered()]
    assert labels == ["leads.Lead", "timeline.Event"]


def test_a_second_different_declaration_is_refused(empty_registry: None) -> None:
    personal_data.register("leads.Lead", holds=("name",), eraser=None, exporter=None)
    personal_data.register("leads.Lead", holds=("name",), eraser=None, exporter=None)
    with pytest.raises(personal_data.AlreadyRegistered, match=r"leads\.Lead"):
        personal_data.register("leads.Lead", holds=(), eraser=None, exporter=None)
    assert len(personal_data.registered()) == 1
