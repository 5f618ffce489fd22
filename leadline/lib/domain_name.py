"""The registered domain of a host: `www.shop.example.co.uk` → `example.co.uk`.

Uses the public suffix list that ships with tldextract; nothing is ever downloaded.
"""

import functools
from collections.abc import Callable

import tldextract

from leadline.lib import web_address


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
    return _extract()(host) or None


@functools.cache
def _extract() -> Callable[[str], str]:
    # Built on first use: reading the list takes 60 ms that most processes need not spend.
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    return lambda host: str(extract(host).top_domain_under_public_suffix)
