"""What a browser tells about a company before anybody types: language, currency, country."""

from collections.abc import Mapping

from django.http import HttpRequest

from leadline.lib import phone_number
from leadline.web import languages

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


def language(request: HttpRequest) -> str:
    """The first language of the browser that Leadline speaks, else English."""
    return languages.of_browser(_header(request)) or "en"


def currency(request: HttpRequest) -> str:
    """What people pay with where the browser's first language is spoken, else euros."""
    for lang, region in languages.regions(_header(request)):
        return _OF_REGION.get(region) or ("EUR" if region else _OF_LANGUAGE.get(lang, "EUR"))
    return "EUR"


def country(request: HttpRequest) -> str:
    """Where the browser's first language is spoken, when it says so; else ""."""
    for _language, region in languages.regions(_header(request)):
        return region if region in phone_number.countries() else ""
    return ""


def _header(request: HttpRequest) -> str:
    return request.headers.get("Accept-Language", "")
