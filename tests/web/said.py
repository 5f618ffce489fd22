"""What a page says to people, read from its HTML without a browser; and what of it is English.

In the language of `tests.web.pseudo` everything that passed gettext stands in ⟦brackets⟧, and so do
the words of a playbook that was put in place in it. What stands outside is data, or was forgotten.
"""

import re
from html.parser import HTMLParser

# Elements of data: names, codes, what was typed, and what is no text.
DATA = ("bdi", "code", "pre", "kbd", "script", "style", "datalist", "textarea", "svg")
_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_BUTTONS = ("submit", "button", "reset")
# Names of products, languages by their own name, codes, addresses, numbers.
NOT_OURS = re.compile(
    r"Leadline|SQLite|PostgreSQL|English|Deutsch|Pseudo|google|\S+@\S+|\S+/\S+|[A-Z2-7]{20,}|[A-Z]{3,5}\b|\d\w*"
)
WORD = re.compile(r"[A-Za-z]{3,}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        is_data = tag in DATA or "avatar" in classes or "data-name" in given
        is_inside = bool(self._open) and self._open[-1][1]
        if not (is_data or is_inside):
            self.said += _told(tag, given)
        if tag not in _VOID:
            self._open.append((tag, is_data or is_inside))

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth][0] == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._open and self._open[-1][1]):
            self.said.append(data.strip())


def texts(page: str) -> list[str]:
    """Every text of a page or fragment, hidden ones too, without what stands in an element of
    data."""
    reader = _Reader()
    reader.feed(page)
    return reader.said


def english(said: list[str]) -> list[str]:
    """The words outside of all brackets."""
    return sorted({left for left in map(_outside, said) if WORD.search(left)})


def _told(tag: str, given: dict[str, str]) -> list[str]:
    found = [given[name].strip() for name in _ATTRIBUTES if given.get(name)]
    if tag == "input" and given.get("type") in _BUTTONS:
        found.append(given.get("value", ""))
    by_script = [value for name, value in given.items() if name.startswith("data-")]
    return found + [value for value in by_script if re.search(r"[A-Za-z] [a-z]", value)]


def _outside(said: str) -> str:
    """The text without what stands in brackets, which may stand in each other."""
    depth, kept = 0, ""
    for sign in said:
        depth += (sign == "⟦") - (sign == "⟧")
        kept += sign if depth == 0 and sign != "⟧" else " "
    return " ".join(NOT_OURS.sub(" ", kept).split())
