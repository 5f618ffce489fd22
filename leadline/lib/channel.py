"""Marketing channel of a touch, from tables.

Order: explicit override > click id > medium > source > referrer > direct. The first that knows
an answer gives it.

One click id is no proof of payment: Facebook and Instagram append `fbclid` to every outgoing
link, so it means `paid_social` only beside a paid medium, else `organic_social`. The other ids
are written by advertisements alone.

A medium such as `cpc` says that money was paid, not to whom: the source decides between
`paid_search`, `paid_social` and `video`.
"""

import functools
import re

CHANNELS = (
    "paid_search",
    "paid_social",
    "display",
    "email",
    "affiliate",
    "referral",
    "organic_search",
    "organic_social",
    "video",
    "ai_assistant",
    "sms",
    "audio",
    "direct",
    "offline",
    "other",
)

_CLICK_IDS = {
    "gclid": "paid_search",
    "gbraid": "paid_search",
    "wbraid": "paid_search",
    "msclkid": "paid_search",
    "yclid": "paid_search",
    "dclid": "display",
    "ttclid": "paid_social",
    "li_fat_id": "paid_social",
    "twclid": "paid_social",
    "sccid": "paid_social",
    "epik": "paid_social",
    "rdt_cid": "paid_social",
}

_PAID = "paid"  # money was spent; the source says where
_MEDIUM_WORDS = {
    _PAID: "cpc ppc paid sem cpa cpv retargeting remarketing paid_ad paid_ads ads ad",
    "paid_search": "paid_search paidsearch search_ads adwords google_ads",
    "paid_social": "paid_social paidsocial social_paid cpc_social social_ads",
    "display": "display banner banners cpm programmatic interstitial expandable native gdn",
    "email": "email e_mail mail newsletter mailing drip",
    "affiliate": "affiliate affiliates partner partners partnership reseller",
    "referral": "referral link backlink reference word_of_mouth",
    "organic_search": "organic organic_search organicsearch seo search",
    "organic_social": "social social_media socialmedia social_network sm organic_social"
    " social_organic post stories story",
    "video": "video youtube",
    "ai_assistant": "ai ai_assistant llm chatbot_ai genai",
    "sms": "sms text text_message mms whatsapp",
    "audio": "audio podcast radio spotify",
    "offline": "offline print qr qr_code event tradeshow trade_show fair direct_mail postcard"
    " flyer tv billboard call phone",
    "direct": "direct none (none) not_set (not_set) direct_traffic (direct)",
    "other": "other push notification app widget other_publicities unknown",
}
_MEDIA = {word: channel for channel, words in _MEDIUM_WORDS.items() for word in words.split()}

# A host belongs to an entry when it is that name or ends in it after a dot; an entry that ends
# in a dot stands for any country ending (`google.` holds google.de and www.google.co.uk).
_HOSTS = {
    "email": "mail.google.com gmail.com outlook.live.com outlook.office.com outlook.office365.com"
    " mail.yahoo.com mail.aol.com mail.proton.me mail.zoho.com navigator-bs.gmx.com gmx.net"
    " webmail.t-online.de mail.ru deref-mail.com deref-gmx.net deref-web.de"
    " com.google.android.gm",
    "ai_assistant": "chatgpt.com chat.openai.com openai.com perplexity.ai claude.ai"
    " gemini.google.com bard.google.com copilot.microsoft.com copilot.com chat.mistral.ai"
    " mistral.ai deepseek.com grok.com x.ai meta.ai you.com phind.com poe.com kimi.com"
    " doubao.com",
    "video": "youtube.com youtu.be m.youtube.com vimeo.com wistia.com dailymotion.com twitch.tv"
    " bilibili.com rumble.com loom.com",
    "organic_social": "facebook.com fb.com fb.me l.facebook.com messenger.com instagram.com"
    " linkedin.com lnkd.in twitter.com t.co x.com reddit.com redd.it pinterest. pin.it"
    " tiktok.com snapchat.com threads.net threads.com bsky.app mastodon.social mastodon.online"
    " fosstodon.org xing.com quora.com tumblr.com vk.com ok.ru weibo.com wechat.com"
    " news.ycombinator.com lobste.rs producthunt.com discord.com slack.com t.me telegram.org"
    " whatsapp.com wa.me medium.com stackoverflow.com com.linkedin.android"
    " com.facebook.katana com.reddit.frontpage",
    "organic_search": "google. bing.com duckduckgo.com yahoo. search.yahoo.com ecosia.org"
    " startpage.com qwant.com search.brave.com yandex. ya.ru baidu.com naver.com"
    " search.naver.com daum.net seznam.cz ask.com aol.com search.aol.com sogou.com so.com"
    " kagi.com mojeek.com swisscows.com metager.de metager.org lilo.org dogpile.com"
    " coccoc.com presearch.com search.marginalia.nu karmasearch.org"
    " com.google.android.googlequicksearchbox",
    "audio": "spotify.com open.spotify.com podcasts.apple.com soundcloud.com deezer.com",
}
_BY_HOST = {name: channel for channel, names in _HOSTS.items() for name in names.split()}

# What people write into utm_source where a host would be.
_SOURCE_WORDS = {
    "organic_search": "google bing yahoo duckduckgo ecosia baidu yandex naver adwords",
    "organic_social": "facebook fb ig instagram linkedin twitter x reddit pinterest tiktok"
    " snapchat threads bluesky mastodon xing quora meta social_media",
    "video": "youtube vimeo twitch",
    "ai_assistant": "chatgpt openai perplexity claude gemini copilot",
    "email": "mailchimp klaviyo hubspot_email sendgrid hs_email hs_automation customer_io",
    "audio": "spotify podcast",
}
_SOURCES = {word: channel for channel, words in _SOURCE_WORDS.items() for word in words.split()}
_PAID_BY_SOURCE = {"organic_social": "paid_social", "video": "video", "audio": "audio"}
_GAP = re.compile(r"[\s\-_/+.]+")


def derive(
    source: str | None,
    medium: str | None,
    click_id_name: str | None,
    referrer_host: str | None,
    *,
    own_hosts: frozenset[str] = frozenset(),
    override: str | None = None,
) -> str:
    """The channel of a touch, one of CHANNELS.

    All texts may be None or empty and in any case. A referrer within `own_hosts` (or a host
    below one of them) is an internal link and says nothing. An override that is no channel is
    passed over. A source or medium that no table knows gives `other`, an unknown referrer
    `referral`.
    """
    return _derive(
        (source or "").strip().lower()[:255],
        _word(medium),
        (click_id_name or "").strip().lower(),
        (referrer_host or "").strip().lower().removesuffix(".")[:255],
        own_hosts,
        (override or "").strip().lower(),
    )


@functools.lru_cache(maxsize=4_096)
def _derive(
    source: str, medium: str, click: str, referrer: str, own_hosts: frozenset[str], override: str
) -> str:
    if override in CHANNELS:
        return override
    by_medium = _by_medium(medium, source)
    return (
        _by_click(click, by_medium, is_paid=_MEDIA.get(medium) == _PAID)
        or _by_tags(by_medium, source)
        or _by_referrer(referrer, own_hosts)
        or "direct"
    )


def _by_click(click: str, by_medium: str | None, *, is_paid: bool) -> str | None:
    if click == "fbclid":
        return "paid_social" if is_paid or by_medium == "paid_social" else "organic_social"
    return _CLICK_IDS.get(click)


def _by_tags(by_medium: str | None, source: str) -> str | None:
    """What medium and source say together; None when they name nothing, or direct traffic."""
    by_source = _by_source(source)
    if by_medium in (None, "other", "direct") and by_source not in (None, "other", "direct"):
        return by_source
    if by_medium not in (None, "direct"):
        return by_medium
    return "other" if source and by_source != "direct" and by_medium is None else None


def _by_medium(medium: str, source: str) -> str | None:
    if not medium:
        return None
    found = _MEDIA.get(medium, medium if medium in CHANNELS else "other")
    if found == _PAID:
        return _PAID_BY_SOURCE.get(_by_source(source) or "", "paid_search")
    return found


def _by_source(source: str) -> str | None:
    """Channel that a source names by itself: a known name, a host, or a channel's own name."""
    if not source:
        return None
    word = _word(source)
    if word in CHANNELS:
        return word
    return _SOURCES.get(word) or _by_host(source) or _MEDIA_ALONE.get(word)


_MEDIA_ALONE = {word: channel for word, channel in _MEDIA.items() if channel != _PAID}


def _by_referrer(host: str, own_hosts: frozenset[str]) -> str | None:
    if not host or any(host == own or host.endswith("." + own) for own in own_hosts):
        return None
    return _by_host(host) or "referral"


def _by_host(host: str) -> str | None:
    labels = host.split(".")
    for start in range(len(labels)):
        found = _BY_HOST.get(".".join(labels[start:]))
        if found:
            return found
    # `google.` and its like: the name, then one or two labels of a country ending.
    for start in range(max(0, len(labels) - 3), len(labels) - 1):
        found = _BY_HOST.get(labels[start] + ".")
        if found and all(len(label) <= 3 for label in labels[start + 1 :]):
            return found
    return None


def _word(written: str | None) -> str:
    return _GAP.sub("_", (written or "").strip().lower())[:255]
