"""The Jinja2 environment of our screens."""

from typing import Any

from jinja2 import Environment, StrictUndefined


def environment(**options: Any) -> Environment:  # Any: Django passes what settings hold
    options.setdefault("undefined", StrictUndefined)
    return Environment(**options)
