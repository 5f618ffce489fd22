"""What a browser tells about a company before anybody types: language and currency."""

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.http import HttpRequest

CURRENCIES = (
    "EUR", "USD", "GBP", "CHF", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HKD", "HUF", "ILS",
    "INR", "JPY", "KRW", "MXN", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "TRY", "UAH", "ZAR",
)  # fmt: skip
_OF_REGION: Mapping[str, str] = {
    "US": "USD", "GB": "GBP", "CH": "CHF", "LI": "CHF", "AU": "AUD", "BR": "BRL", "CA": "CAD",
    "CN": "CNY", "CZ": "CZK", "DK": "DKK", "HK": "HKD", "HU": "HUF", "IL": "ILS", "IN": "INR",
    "JP": "JPY", "KR": "KRW", "MX": "MXN", "NO": "NOK", "NZ": "NZD", "PL": "PLN", "RO": "RON",
    "SE": "SEK", "SG": "SGD", "TR": "TRY", "UA": "UAH", "ZA": "ZAR",
}  # fmt: skip
_OF_LANGUAGE: Mapping[str, str] = {"en": "USD", "ja": "JPY", "pl": "PLN", "sv": "SEK", "cs": "CZK"}
_MOST = 10


def language(request: HttpRequest) -> str:
    """The first language of the browser that Leadline speaks, else English."""
    known = [code for code, _ in settings.LANGUAGES]
    return next((lang for lang, _ in _wanted(request) if lang in known), "en")


def currency(request: HttpRequest) -> str:
    """What people pay with where the browser's first language is spoken, else euros."""
    for lang, region in _wanted(request):
        return _OF_REGION.get(region) or ("EUR" if region else _OF_LANGUAGE.get(lang, "EUR"))
    return "EUR"


def _wanted(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Language and region ("" when not named) in the order in which browsers send them."""
    for part in request.headers.get("Accept-Language", "").split(",")[:_MOST]:
        tag = part.split(";")[0].strip()
        lang, _, rest = tag.partition("-")
        if lang.isalpha():
            yield lang.lower(), rest.rpartition("-")[2].upper()
