"""Ids sort by their creation; tokens cannot be guessed."""

import uuid

from leadline.lib import ids


def test_ids_are_version_7_and_sort_by_creation() -> None:
    made = [ids.uuid7() for _ in range(1_000)]
    assert all(type(one) is uuid.UUID and one.version == 7 for one in made)
    assert made == sorted(made)
    assert len(set(made)) == 1_000


def test_tokens_are_url_safe_and_never_repeat() -> None:
    made = {ids.token() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(one) == 32 and one.replace("-", "").replace("_", "").isalnum() for one in made)
