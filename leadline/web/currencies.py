"""Settings → Currencies: what sums are counted in, and the dated rates that they use."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leadline.deals import closing_values, sums
from leadline.deals.models import Deal
from leadline.leads import locks
from leadline.lib import clock, exchange_rates
from leadline.lib.exchange_rates import NotRates, Quote
from leadline.lib.refusal import Phrase
from leadline.lib.said_date import NotADate
from leadline.web import access, due_dates, pages, uploads
from leadline.web.uploads import MOST_BYTES_OF_RATES
from leadline.workspace import audit, rates, readers, reasons, settings
from leadline.workspace.audit import Change
from leadline.workspace.models import Workspace

_LISTED = 60
COMMON = (
    "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HUF", "INR", "JPY", "KRW",
    "MXN", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "TRY", "USD", "ZAR",
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_settings")
def page(request: HttpRequest) -> HttpResponse:
    """The workspace's currency, today's sums, and the newest rates; a POST adds or changes."""
    problem, is_about_day = "", False
    if request.method == "POST":
        try:
            done = _ACTS[request.POST.get("act", "")](request, clock.now())
        except KeyError:
            raise Http404 from None
        except NotRates as refusal:
            problem = _problem(refusal)
        except NotADate as refusal:
            problem, is_about_day = due_dates.problem(refusal), True
        else:
            return HttpResponseRedirect(f"{reverse('currencies')}?done={done}")
    workspace, now = settings.current(), clock.now()
    posted = request.POST if problem else {}
    context = {
        "place": "settings",
        "section": "currencies",
        "base": workspace.currency,
        "common": COMMON,
        "typed_day": posted.get("day") or due_dates.typed_day(readers.day_of(workspace, now)),
        "open": sums.of_open(Deal.objects.all(), now=now),
        "won": sums.of_won(Deal.objects.all()),
        "listed": rates.listed(limit=_LISTED),
        "posted": posted,
        "problem": problem,
        "is_about_day": is_about_day,
        "done": _done(request.GET.get("done", "")),
    }
    return pages.render(request, "currencies.html", context, status=422 if problem else 200)


@require_POST
@access.screen("edit_settings")
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take one rate away. What closed deals were worth stays as it was."""
    with transaction.atomic():
        gone = rates.remove(number)
        if gone is None:
            raise Http404
        _note(request, "rates.removed", [gone], now=clock.now())
    return HttpResponseRedirect(f"{reverse('currencies')}?done=removed")


def _add(request: HttpRequest, now: datetime) -> str:
    post = request.POST
    day = due_dates.read_day(post.get("day", ""), now=now)
    try:
        rate = Decimal(post.get("rate", "").strip().replace(",", "."))
    except InvalidOperation:
        raise NotRates(0, Phrase("the rate is not a number")) from None
    base = settings.current().currency
    return _store(
        request, [exchange_rates.quote(day, post.get("currency", "").upper(), base, rate)], now
    )


def _read(request: HttpRequest, now: datetime) -> str:
    sent = request.FILES.get("file")
    if uploads.was_too_large(request) or (sent and (sent.size or 0) > MOST_BYTES_OF_RATES):
        raise NotRates(0, Phrase("the file is larger than 16 MB"))
    if sent is None or sent.size is None or not sent.size:
        raise NotRates(0, Phrase("no file was chosen"))
    try:
        written = sent.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotRates(0, Phrase("the file is not text; a zip must be unpacked first")) from None
    return _store(request, exchange_rates.read(written, against=settings.current().currency), now)


def _store(request: HttpRequest, quotes: Sequence[Quote], now: datetime) -> str:
    today = readers.day_of(settings.current(), now)
    if any(each.day > today for each in quotes):
        raise NotRates(0, Phrase("a day lies ahead"))
    with transaction.atomic():
        count = rates.put(quotes)
        closing_values.freeze_missing()
        _note(request, "rates.added", quotes, now=now)
    return str(count)


def _change_base(request: HttpRequest, now: datetime) -> str:
    wanted = request.POST.get("base", "").strip().upper()
    if wanted not in COMMON:
        # Any other three letters are a currency too; the same check as for a rate.
        exchange_rates.quote(now.date(), wanted, "EUR", Decimal(1))
    with transaction.atomic():
        locks.passing()  # no deal is closed meanwhile and valued in the currency that was
        workspace = Workspace.objects.select_for_update().get(id=1)
        if workspace.currency == wanted:
            return "base"
        before, workspace.currency = workspace.currency, wanted
        workspace.save(update_fields=["currency"])
        settings.rules_changed()
        closing_values.value_again()
        audit.record(
            Change("currency.changed", "workspace", 1, "", {"is": before}, {"is": wanted}),
            by=access.doer(request),
            now=now,
        )
    return "base"


_ACTS = {"add": _add, "read": _read, "base": _change_base}


def _note(request: HttpRequest, act: audit.Act, quotes: Sequence[Quote], *, now: datetime) -> None:
    first = min(quotes, key=lambda each: each.day)
    last = max(quotes, key=lambda each: each.day)
    said: dict[str, audit.Value] = {
        "count": len(quotes), "first": first.day.isoformat(), "last": last.day.isoformat()
    }  # fmt: skip
    if len(quotes) == 1:
        said["rate"] = (
            f"1 {first.against} = {first.rate_parts / exchange_rates.SCALE:g} {first.currency}"
        )
    audit.record(Change(act, "rates", 1, "", {}, said), by=access.doer(request), now=now)


def _problem(refusal: NotRates) -> str:
    reason = _("Nothing was stored: %(why)s.") % {"why": reasons.told(refusal)}
    return _("Line %(line)d. ") % {"line": refusal.line} + reason if refusal.line else reason


def _done(said: str) -> str:
    if said.isdigit():
        count = int(said[:9])
        return ngettext("%(n)d rate stored.", "%(n)d rates stored.", count) % {"n": count}
    words = {"base": _("Sums are counted in this currency now."), "removed": _("Removed.")}
    return words.get(said, "")
