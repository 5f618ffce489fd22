"""The parts of a playbook with forms and hosted pages: `forms.yaml` and `pages.yaml`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from leadline.capture.models import Form, Page
from leadline.privacy import playbook as consents

Slug = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,79}$")]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
Purpose = Literal[
    "demo",
    "quote",
    "contact",
    "callback",
    "booking",
    "download",
    "newsletter",
    "webinar",
    "trial",
    "other",
]
FieldType = Literal[
    "text", "email", "tel", "textarea", "select", "checkbox", "checkboxes", "number", "date", "url"
]
BlockType = Literal["headline", "value", "logos", "testimonial", "faq", "footer"]


class FormField(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One question; `name` is the trait that the answer fills."""

    name: Annotated[str, msgspec.Meta(pattern=r"^(company\.)?[a-z][a-z0-9_]{0,50}$")]
    label: Line
    type: FieldType
    required: bool = False
    autocomplete: str = ""
    help: str = ""
    options: tuple[str, ...] = ()
    rows: Annotated[int, msgspec.Meta(ge=0, le=30)] = 0


class ConsentBox(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An unticked box whose words stand in `consents.yaml`."""

    purpose: str
    channel: str
    language: str
    version: int
    required: bool = False


class FormTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The button, and what is said afterwards."""

    submit: str = ""
    thanks_title: str = ""
    thanks_text: str = ""
    redirect: str = ""


class FormEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A form at `/f/<slug>`."""

    slug: Slug
    name: Line
    purpose: Purpose
    fields: Annotated[tuple[FormField, ...], msgspec.Meta(min_length=1, max_length=60)]
    consents: tuple[ConsentBox, ...] = ()
    texts: FormTexts = FormTexts()
    language: Annotated[str, msgspec.Meta(pattern="^([a-z]{2,3}(-[A-Za-z0-9]{2,8})?)?$")] = ""
    is_published: bool = True


class Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All forms, by slug."""

    forms: tuple[FormEntry, ...]


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A reason with its explanation."""

    title: Line
    text: str = ""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question people have, and its answer."""

    question: Line
    answer: str


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A section of a page; which of the others it uses depends on `block`."""

    block: BlockType
    title: str = ""
    text: str = ""
    points: tuple[Point, ...] = ()
    names: tuple[str, ...] = ()
    quote: str = ""
    name: str = ""
    role: str = ""
    questions: tuple[Question, ...] = ()


class PageEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A page at `/p/<slug>` around one form."""

    slug: Slug
    title: Line
    form: Slug
    description: Annotated[str, msgspec.Meta(max_length=300)] = ""
    blocks: tuple[Block, ...] = ()
    is_published: bool = True


class Pages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All pages, by slug."""

    pages: tuple[PageEntry, ...]


def read_forms(
    document: object, *, traits: Mapping[str, object], texts: Mapping[consents.Key, str]
) -> Forms:
    """The forms in `document`; fields must be declared traits, boxes must have their words.

    Raises msgspec.ValidationError with the path.
    """
    found = msgspec.convert(document, Forms)
    _refuse_twice([form.slug for form in found.forms], "forms")
    for number, form in enumerate(found.forms):
        for index, field in enumerate(form.fields):
            if field.name != "email" and field.name not in traits:
                where = f"$.forms[{number}].fields[{index}].name"
                raise msgspec.ValidationError(f"{field.name!r} is no declared field - at `{where}`")
        for index, box in enumerate(form.consents):
            if (box.purpose, box.language, box.version) not in texts:
                where = f"$.forms[{number}].consents[{index}]"
                raise msgspec.ValidationError(f"these words are not in consents - at `{where}`")
    return found


def read_pages(document: object, *, forms: Forms) -> Pages:
    """The pages in `document`, each around one of `forms`."""
    found = msgspec.convert(document, Pages)
    _refuse_twice([page.slug for page in found.pages], "pages")
    slugs = {form.slug for form in forms.forms}
    for number, page in enumerate(found.pages):
        if page.form not in slugs:
            where = f"$.pages[{number}].form"
            raise msgspec.ValidationError(f"there is no form {page.form!r} - at `{where}`")
    return found


def apply_forms(document: Forms, *, now: datetime) -> None:
    """Create or overwrite the forms by slug; other forms stay. Safe to run twice."""
    words = consents.texts()
    Form.objects.bulk_create(
        [
            Form(
                slug=form.slug,
                name=form.name,
                purpose=form.purpose,
                fields=msgspec.to_builtins(form.fields),
                consents=[_with_text(box, words) for box in form.consents],
                texts=msgspec.to_builtins(form.texts),
                language=form.language,
                is_published=form.is_published,
                updated_at=now,
            )
            for form in document.forms
        ],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[
            "name",
            "purpose",
            "fields",
            "consents",
            "texts",
            "language",
            "is_published",
            "updated_at",
        ],
    )


def apply_pages(document: Pages, *, now: datetime) -> None:
    """Create or overwrite the pages by slug; other pages stay. Safe to run twice."""
    forms = dict(Form.objects.values_list("slug", "id"))
    Page.objects.bulk_create(
        [
            Page(
                slug=page.slug,
                title=page.title,
                description=page.description,
                form_id=forms[page.form],
                blocks=msgspec.to_builtins(page.blocks),
                is_published=page.is_published,
                updated_at=now,
            )
            for page in document.pages
        ],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["title", "description", "form", "blocks", "is_published", "updated_at"],
    )


def export_forms() -> Forms:
    """All forms in the order in which they were made."""
    rows = Form.objects.order_by("id").values(
        "slug", "name", "purpose", "fields", "consents", "texts", "language", "is_published"
    )
    return msgspec.convert({"forms": [_without_texts(row) for row in rows]}, Forms)


def export_pages() -> Pages:
    """All pages in the order in which they were made."""
    names = ("slug", "title", "description", "blocks", "is_published", "form__slug")
    rows = Page.objects.order_by("id").values(*names)
    pages = [{("form" if k == "form__slug" else k): v for k, v in row.items()} for row in rows]
    return msgspec.convert({"pages": pages}, Pages)


def _with_text(box: ConsentBox, words: Mapping[consents.Key, str]) -> dict[str, Any]:  # JSON
    text = words[box.purpose, box.language, box.version]
    return {**msgspec.to_builtins(box), "required": box.required, "text": text}


def _without_texts(row: Mapping[str, Any]) -> dict[str, Any]:  # a row of JSON columns
    boxes = [{k: v for k, v in box.items() if k != "text"} for box in row["consents"]]
    return {**row, "consents": boxes}


def _refuse_twice(slugs: list[str], name: str) -> None:
    for index, slug in enumerate(slugs):
        if slug in slugs[:index]:
            raise msgspec.ValidationError(f"{slug!r} stands twice - at `$.{name}[{index}]`")
