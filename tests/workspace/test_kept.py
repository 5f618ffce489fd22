"""Sentences that rows keep in English, told again in German."""

import re

import pytest
from django.utils import translation

from leadline.workspace import kept


@pytest.mark.parametrize(
    ("sentence", "german"),
    [
        ("Taken by Ben", "Übernommen von Ben"),
        ("Taken by Ben: knows them", "Übernommen von Ben: knows them"),
        ("asked for a demo (score 55)", "hat eine Demo angefragt (Score 55)"),
        ("score 7", "Score 7"),
        ("Grace Hopper asked for a demo", "Grace Hopper hat eine Demo angefragt"),
        ("no longer qualifies", "ist nicht mehr qualifiziert"),
        (
            "Rule “Everyone” sends it to Sales; Ben was next in turn in Sales.",
            "Die Regel „Everyone“ gibt ihn an Sales; Ben war in Sales an der Reihe.",
        ),
        ("Ada gave you 1 lead", "Ada hat Ihnen 1 Lead gegeben"),
        ("Ada gave you 1,037 leads", "Ada hat Ihnen 1.037 Leads gegeben"),
        ("From Ben you take over: 5 leads, 2 tasks", "Von Ben übernehmen Sie: 5 Leads, 2 Aufgaben"),
        ("North was archived", "North wurde archiviert"),
        (
            "Ada mentioned you on Rollout: call: tomorrow",
            "Ada hat Sie bei Rollout erwähnt: call: tomorrow",
        ),
        ("hat schon gekauft (score 7)", "hat schon gekauft (Score 7)"),
    ],
)
def test_a_kept_sentence_is_told_in_the_readers_language(sentence: str, german: str) -> None:
    with translation.override("de"):
        assert kept.told(sentence) == german
    assert kept.told(sentence) == sentence  # an English reader reads what is kept


@pytest.mark.parametrize("sentence", ["", "They know each other", "100 %", "%(who)s", "a; b."])
def test_what_a_person_wrote_stays_as_it_is(sentence: str) -> None:
    with translation.override("de"):
        assert kept.told(sentence) == sentence


@pytest.mark.parametrize("text", kept.TEXTS)
def test_every_kept_text_is_found_again(text: str) -> None:
    """Filled with words nobody else uses, so that the first that fits must be the right one."""
    words = {name: f"Xx{name}" for name in re.findall(r"%\((\w+)\)s", text)}
    with translation.override("de"):
        assert kept.told(text % words) == translation.gettext(text) % words
        assert translation.gettext(text) != text


def test_every_sentence_that_is_kept_whole_is_translated() -> None:
    with translation.override("de"):
        assert [text for text in kept.WHOLE if kept.told(text) == text] == []
