"""Settings → Fields: what is known of leads and companies; added, described, archived."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.capture import form_fields
from leadline.capture.models import Form
from leadline.flow import fields
from leadline.lib import clock, text
from leadline.web import access, labels, pages
from leadline.workspace import fields as declared
from leadline.workspace import playbook, settings
from leadline.workspace.fields import FieldRefused, Wanted
from leadline.workspace.models import Field

_BECOMES = "becomes."
_NOTHING = ""


@require_safe
@access.screen("edit_settings")
def page(request: HttpRequest) -> HttpResponse:
    """All fields by what they are about, then those that were archived."""
    rows = declared.everything()
    context = {
        "place": "settings",
        "section": "fields",
        "groups": [
            (label, [row for row in rows if declared.about(row.name) == about])
            for about, label in labels.FIELDS_OF.items()
        ],
        "archived": declared.archived(),
        "done": request.GET.get("done", ""),
    }
    return pages.render(request, "fields.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_settings")
def new(request: HttpRequest) -> HttpResponse:
    """A field that does not exist yet."""
    wanted, problems = Wanted(label=""), {}
    if request.method == "POST":
        wanted = _wanted(request)
        try:
            row = fields.add(wanted, by=access.doer(request), now=clock.now())
        except FieldRefused as refused:
            problems = dict(refused.errors)
        else:
            return HttpResponseRedirect(f"{reverse('field', args=[row.name])}?done=added")
    context = _around("new") | {
        "wanted": wanted,
        "problems": problems,
        "types": Field.Type.choices,
        "abouts": labels.FIELDS_OF,
        "more": request.POST.get("more", ""),
        "currency": settings.current().currency,
    }
    return pages.render(request, "field_new.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_settings")
def field(request: HttpRequest, name: str) -> HttpResponse:
    """One field; options that leads hold go only after a look at what becomes of them."""
    row = _row(name)
    wanted, problems, affected, uses = declared.as_wanted(row), {}, None, []
    if request.method == "POST":
        wanted = _wanted(request)
        try:
            found = fields.affected(row, wanted, by=access.doer(request))
            becomes = _becomes(request)
            if set(found.counts) <= set(becomes):
                by = access.doer(request)
                fields.change(row, wanted, becomes=becomes, by=by, now=clock.now())
                return HttpResponseRedirect(f"{reverse('field', args=[name])}?done=saved")
            affected = found
        except FieldRefused as refused:
            problems = dict(refused.errors)
        except fields.StillUsed as used:
            uses = _said(used)
    context = _around(row.label) | {
        "row": row,
        "wanted": wanted,
        "problems": problems,
        "affected": affected,
        "option_names": {each.value: each.label for each in declared.options_of(row)},
        "uses": uses,
        "more": request.POST.get("more", ""),
        "forms": _forms(row),
        "done": request.GET.get("done", ""),
        "is_needed": row.name in fields.NEEDED,
        "has_options": row.type in playbook.WITH_OPTIONS,
        "may_be_unique": row.type not in playbook.NEVER_UNIQUE
        and declared.about(row.name) == "lead",
    }
    status = 422 if problems or uses else 200
    return pages.render(request, "field.html", context, status=status)


@require_POST
@access.screen("edit_settings")
def archive(request: HttpRequest, name: str) -> HttpResponse:
    """Out of use, unless something names it: then the places are listed."""
    row = _row(name)
    try:
        fields.archive(row, by=access.doer(request), now=clock.now())
    except fields.StillUsed as used:
        context = _around(row.label) | {"row": row, "uses": _said(used)}
        return pages.render(request, "field_used.html", context, status=409)
    except fields.AlwaysNeeded:
        context = _around(row.label) | {"row": row, "uses": []}
        return pages.render(request, "field_used.html", context, status=409)
    return HttpResponseRedirect(f"{reverse('fields')}?done=archived")


@require_POST
@access.screen("edit_settings")
def restore(request: HttpRequest, name: str) -> HttpResponse:
    """Back into use, with its values."""
    fields.restore(_row(name, is_archived=True), by=access.doer(request), now=clock.now())
    return HttpResponseRedirect(f"{reverse('field', args=[name])}?done=restored")


@require_POST
@access.screen("edit_settings")
def move(request: HttpRequest, name: str) -> HttpResponse:
    """One place up or down among the fields of its kind."""
    is_up = request.POST.get("way") == "up"
    fields.move(_row(name), is_up=is_up, by=access.doer(request), now=clock.now())
    return HttpResponseRedirect(f"{reverse('fields')}#field-{name}")


@require_POST
@access.screen("edit_settings")
def forms(request: HttpRequest, name: str) -> HttpResponse:
    """Which forms ask for it."""
    row = _row(name)
    try:
        slugs = request.POST.getlist("form")
        fields.ask(row, slugs=slugs, by=access.doer(request), now=clock.now())
    except form_fields.NotForForms:
        raise Http404 from None
    return HttpResponseRedirect(f"{reverse('field', args=[name])}?done=forms")


def _row(name: str, *, is_archived: bool = False) -> Field:
    try:
        row = declared.get(name)
    except declared.UnknownField:
        raise Http404 from None
    if (row.archived_at is not None) != is_archived:
        raise Http404
    return row


def _around(title: str) -> dict[str, object]:
    return {"place": "settings", "section": "fields", "title": title}


def _wanted(request: HttpRequest) -> Wanted:
    """What the form says; an option whose label was emptied is gone, each new line is one more."""
    post = request.POST
    pairs = zip(post.getlist("option_value"), post.getlist("option_label"), strict=False)
    kept = [(text.clean(value), text.clean(label).strip()) for value, label in pairs]
    more = [text.clean(line).strip() for line in post.get("more", "").splitlines()]
    return Wanted(
        label=_line(post.get("label"), 120),
        type=_line(post.get("type"), 12),
        about=_about(post.get("about")),
        help=_line(post.get("help"), 300),
        group=_line(post.get("group"), 80),
        currency=_line(post.get("currency"), 3).upper(),
        options=(*(pair for pair in kept if pair[1]), *(("", line) for line in more if line)),
        is_fact="is_fact" in post,
        is_unique="is_unique" in post,
        is_sensitive="is_sensitive" in post,
    )


def _about(written: str | None) -> declared.About:
    return next((each for each in declared.PREFIXES if each == written), "lead")


def _line(written: str | None, longest: int) -> str:
    return text.clean(written or "", max_length=longest).strip()


def _becomes(request: HttpRequest) -> dict[str, str | None]:
    """What people chose for the options that go: another option, or nothing."""
    return {
        name.removeprefix(_BECOMES): None if value == _NOTHING else value
        for name, value in request.POST.items()
        if name.startswith(_BECOMES) and isinstance(value, str)
    }


def _forms(row: Field) -> list[tuple[Form, bool]]:
    """Every form, and whether it asks for the field; none for a type that forms cannot ask."""
    if not form_fields.may_ask(row):
        return []
    asking = set(form_fields.asking(row.name))
    found: QuerySet[Form] = Form.objects.order_by("name")
    return [(form, form.slug in asking) for form in found]


def _said(used: fields.StillUsed) -> list[str]:
    return [
        _("%(where)s: %(name)s")
        % {"where": labels.of(labels.FIELD_USES, use.where), "name": use.name}
        for use in used.uses
    ]
