"""The page for people who program against the API, made from the OpenAPI document.

Served by ourselves, without a script, so that it works behind a firewall and under our CSP.
"""

from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ninja import NinjaAPI

_FOLDER = Path(__file__).parent
_METHODS = ("get", "post", "patch", "put", "delete")
Document = dict[str, Any]  # JSON


def page(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Every operation with its parameters, bodies and answers."""
    return HttpResponse(_rendered(api))


def style(request: HttpRequest) -> HttpResponse:
    """The style sheet of the page."""
    return HttpResponse(
        (_FOLDER / "guide.css").read_bytes(),
        content_type="text/css; charset=utf-8",
        headers={"Cache-Control": "public, max-age=3600"},
    )


@cache
def _rendered(api: NinjaAPI) -> str:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
    )
    schema = api.get_openapi_schema()
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, found in schema["paths"].items()
        for method, operation in found.items()
        if method in _METHODS
    ]
    shapes = schema["components"]["schemas"]
    return environment.get_template("guide.html.jinja").render(
        info=schema["info"],
        operations=operations,
        shapes=sorted(shapes.items()),
        type_of=type_of,
        pointed=pointed,
    )


def type_of(schema: Document) -> str:
    """A JSON Schema in a few words: `list of Lead`, `text or null`, `one of a, b`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(type_of(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return "list of " + type_of(schema.get("items", {}))
    named = _WORDS.get(str(schema.get("type")), str(schema.get("type", "any value")))
    return f"{named} ({schema['format']})" if "format" in schema else named


_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}


def pointed(schema: Document) -> str:
    """The name of the shape that a schema refers to, or ""."""
    return str(schema["$ref"]).rsplit("/", 1)[-1] if "$ref" in schema else ""
