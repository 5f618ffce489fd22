"""Where a request comes from, as the audit names it and attempts are counted by."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def of(request: HttpRequest) -> str:
    """The network address that the request comes from.

    Behind as many proxies as `LEADLINE_TRUSTED_PROXIES` says, each of which adds to the right whom
    it speaks for; what stands to the left of that anybody can have written.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.ENVIRONMENT.trusted_proxy_count
    named = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",")]
    if not proxies or len(named) < proxies:
        return address
    return _number(named[-proxies]) or address


def _number(written: str) -> str:
    try:
        return str(ipaddress.ip_address(written))
    except ValueError:
        return ""
