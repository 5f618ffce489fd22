"""Why something was refused: an English text and what is filled in, apart until it is told.

This library knows neither who reads nor in which language. Whoever shows a reason to a person has
it told by `workspace.reasons`; the API and the logs take the English sentence. The texts that
stand in `Phrase(…)` are collected for translation by `scripts/messages.py`.
"""

MOST_SHOWN = 40


class Phrase:
    """An English text with named placeholders (`%(limit)s`), and what stands in their place."""

    __slots__ = ("text", "values")

    def __init__(self, text: str, **values: object) -> None:
        self.text, self.values = text, values

    def __str__(self) -> str:
        """The sentence in English."""
        return self.text % self.values if self.values else self.text


class Refused(ValueError):
    """Something that cannot be taken; trying again cannot help. `because` is for people."""

    permanent = True

    def __init__(self, because: Phrase, *, message: str = "") -> None:
        super().__init__(message or str(because))
        self.because = because

    @property
    def reason(self) -> str:
        """Why, in English."""
        return str(self.because)


def shown(text: str, *, most: int = MOST_SHOWN) -> str:
    """The beginning of what was refused, so that it can be shown: nothing hidden, one line."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text[:most])


def too_long(text: str, *, limit: int) -> Phrase:
    """More characters than there may be."""
    return Phrase(
        "it has %(count)s characters; %(limit)s are allowed", count=len(text), limit=limit
    )
