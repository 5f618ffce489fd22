"""Whom a text names with an @."""

import pytest

from leadline.activities import names

PEOPLE = {
    "ada": ["Ada Lindholm", "ada@acme.example", "Ada"],
    "ben": ["Ben Carter", "ben@acme.example", "Ben"],
    "ben2": ["Ben Carlson", "carlson@acme.example", "Ben"],
    "zoe": ["Zoë", "zoe@acme.example", "Zoë"],
}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ada please call", ["ada"]), ("ask @ada lindholm, then @ADA", ["ada"]),
        ("(@Ben Carter) and @Ben Carlson", ["ben", "ben2"]), ("@Ben is two people", []),
        ("@ada@acme.example", ["ada"]), ("write to ada@acme.example", []),
        ("@Adam is nobody here", []), ("@zoë", ["zoe"]), ("", []), ("@", []), ("@ Ada", []),
        ("@Zoë, @Ada", ["zoe", "ada"]), ("mail@ada", []),
    ],
)  # fmt: skip
def test_a_name_after_an_at_sign_names_somebody(text: str, named: list[str]) -> None:
    assert names.named(text, spellings=PEOPLE) == named
