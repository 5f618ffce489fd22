"""What a browser without JavaScript would post: the successful controls of a form."""

from html.parser import HTMLParser

from django.http import QueryDict


def posted(html: str, *, pressed: tuple[str, str] | None = None, **changed: str) -> QueryDict:
    """The fields of all forms in `html` as a post; `pressed` is the button, `changed` what was
    typed into a field, by its name with _ for . and __ for -."""
    reading = _Fields()
    reading.feed(html)
    found = QueryDict(mutable=True)
    for name, value in reading.fields:
        found.appendlist(name, value)
    for name, value in changed.items():
        found[name.replace("__", "-").replace("_", ".")] = value
    if pressed:
        found[pressed[0]] = pressed[1]
    return found


class _Fields(HTMLParser):
    """Inputs that are sent, chosen options, and text areas."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.select: tuple[str, str | None] | None = None
        self.area: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        name = known.get("name") or ""
        if tag == "input" and name:
            is_box = known.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in known:
                self.fields.append((name, known.get("value") or ("on" if is_box else "")))
        elif tag == "select":
            self.select = (name, None)
        elif tag == "option" and self.select:
            is_first = self.select[1] is None
            if is_first or "selected" in known:
                self.select = (self.select[0], known.get("value") or "")
        elif tag == "textarea":
            self.area = (name, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.select:
            self.fields.append((self.select[0], self.select[1] or ""))
            self.select = None
        elif tag == "textarea" and self.area:
            self.fields.append((self.area[0], self.area[1].replace("\n", "\r\n")))
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area = (self.area[0], self.area[1] + data)
