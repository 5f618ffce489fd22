"""The registered domain of a host: `www.shop.example.co.uk` → `example.co.uk`.

Uses the public suffix list that ships with tldextract; nothing is ever downloaded.
"""

import functools
from collections.abc import Callable

import tldextract

from leadline.lib import web_address

RESERVED = ("example.com", "example.net", "example.org")
"""Names for documentation (RFC 2606). Made-up companies live below them, so that each name below
counts as registered; taken for one company, a demo of 85 would collapse into it."""


def registered_domain(host_or_url: str) -> str | None:
    """The domain somebody registered, lower case and punycode; None for IPs, bare suffixes, junk.

    Accepts a host or an http(s) address. Private suffixes (`github.io`) count as one domain.
    """
    written = host_or_url.strip()
    host = web_address.host(written if "://" in written else f"http://{written}/")
    if host is None or host.startswith("["):
        return None
    return _registered(host)


@functools.lru_cache(maxsize=16_384)
def _registered(host: str) -> str | None:
    for reserved in RESERVED:
        if host.endswith(f".{reserved}"):
            below = host.removesuffix(f".{reserved}")
            return f"{below.rpartition('.')[2]}.{reserved}"
    return _extract()(host) or None


@functools.cache
def _extract() -> Callable[[str], str]:
    # Built on first use: reading the list takes 60 ms that most processes need not spend.
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    return lambda host: str(extract(host).top_domain_under_public_suffix)
