"""E-mail addresses in the one spelling under which they are compared, stored and suppressed.

| written                                   | becomes                                        |
|-------------------------------------------|------------------------------------------------|
| spaces around, `mailto:` in front         | removed                                        |
| `Ada@Example.COM`                         | `ada@example.com`: the local part counts too   |
| `a.d.a+news@x.com`                        | kept: dots and plus tags make other people     |
| `x@münchen.de`                            | `x@xn--mnchen-3ya.de` (IDNA 2008 over UTS 46)  |
| `a@ｂ.co` (fullwidth or ideographic dot)  | `a@b.co`: UTS 46 maps the domain               |
| `a@x.com.` (root dot)                     | `a@x.com`                                      |
| Cyrillic а in the domain                  | punycode, so never equal to the Latin one      |
| zero-width, bidi, control, private use    | refused, even at the edges                     |
| letters beyond ASCII before the @         | refused: they need a relay with SMTPUTF8       |
| quoted local part, IP literal, no dot     | refused                                        |
| a list, `Name <a@b.c>`, a comment         | refused: one address per field                 |
| leading `-`, local > 64, total > 254      | refused                                        |

Lower-casing the local part is our rule, not RFC 5321's: no provider of note tells `Ada` from
`ada`, and a suppression that can be dodged by a capital letter is none. Reserved names
(`.test`, `.example`, `.local`) are accepted; whether mail arrives is the delivery's question.
Suppression, recognition and import use this one function (guarantees, finding 9).
"""

import functools
import re
import unicodedata
from importlib import resources

import idna

from leadline.lib.refusal import Phrase, Refused, shown, too_long

MAX_LOCAL = 64
MAX_TOTAL = 254
MAX_DOMAIN = 253

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NOT_PUNYCODE = r"(?![Xx][Nn]--)"

# Whatever this matches comes out of the careful path as its lower case, nothing else changed
# (a property test draws from this very pattern). It takes 0.5 µs where the careful path takes 9.
_PLAIN = re.compile(
    rf"(?!-){_ATOM}(?:\.{_ATOM})*@(?:{_NOT_PUNYCODE}{_LABEL}\.)+"
    rf"{_NOT_PUNYCODE}[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?"
)
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_HOST_LABEL = re.compile(_LABEL)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class NotAnAddress(Refused):
    """A text that is not one usable e-mail address."""

    def __init__(self, because: Phrase) -> None:
        super().__init__(because, message=f"Not an e-mail address: {because}.")


def canonical(text: str) -> str:
    """The one spelling of an address: ASCII, lower case, at most 254 characters.

    Idempotent. Two texts with one canonical form are the same mailbox for us, and only those.
    Raises NotAnAddress with the reason; see the table above.
    """
    if not isinstance(text, str):
        raise NotAnAddress(Phrase("it is not a text"))
    if len(text) <= MAX_TOTAL and _PLAIN.fullmatch(text) and text.index("@") <= MAX_LOCAL:
        return text.lower()
    return _careful(text)


def domain(address: str) -> str:
    """The part after the @ of a canonical address."""
    return address.rpartition("@")[2]


def is_free_mail(domain: str) -> bool:
    """Whether the (canonical) domain belongs to a mailbox provider, not to a company."""
    return domain in free_mail_domains()


@functools.cache
def free_mail_domains() -> frozenset[str]:
    """Our own list of mailbox providers, read once from `free_mail_domains.txt`."""
    text = resources.files(__package__).joinpath("free_mail_domains.txt").read_text("utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(line for line in lines if line)


def _careful(text: str) -> str:
    if len(text) > 4 * MAX_TOTAL:
        raise _too_long(text)
    bare = text.strip(" \t\r\n\u00a0\u3000")
    if bare[:7].lower() == "mailto:":
        bare = bare[7:].strip(" \t\r\n\u00a0\u3000")
    bare = unicodedata.normalize("NFC", bare)
    _refuse_hidden(bare)
    local, at, host = bare.rpartition("@")
    if not at:
        raise NotAnAddress(Phrase("it has no @"))
    address = f"{_local_part(local)}@{_host(host)}"
    if len(address) > MAX_TOTAL:
        raise _too_long(address)
    return address


def _too_long(text: str) -> NotAnAddress:
    return NotAnAddress(too_long(text, limit=MAX_TOTAL))


def _refuse_hidden(text: str) -> None:
    if not text:
        raise NotAnAddress(Phrase("it is empty"))
    for char in text:
        if unicodedata.category(char) in _HIDDEN:
            raise NotAnAddress(
                Phrase("it contains the invisible character %(code)s", code=f"U+{ord(char):04X}")
            )
    if any(char in ",;<>()" or char.isspace() for char in text):
        raise NotAnAddress(
            Phrase("give one address alone, without a name, spaces, commas or brackets")
        )


def _local_part(local: str) -> str:
    if local.startswith('"'):
        raise NotAnAddress(Phrase("a quoted part before the @ is not accepted"))
    if not local.isascii():
        raise NotAnAddress(
            Phrase(
                "letters beyond ASCII before the @ need a mail relay with SMTPUTF8 (RFC 6531),"
                " which is not set up"
            )
        )
    if local.startswith("-"):
        raise NotAnAddress(Phrase("it begins with a hyphen"))
    if len(local) > MAX_LOCAL:
        raise NotAnAddress(
            Phrase("the part before the @ is longer than %(limit)s characters", limit=MAX_LOCAL)
        )
    if _LOCAL.fullmatch(local) is None:
        raise NotAnAddress(
            Phrase("the part before the @ is not valid: “%(part)s”", part=shown(local))
        )
    return local.lower()


def _host(host: str) -> str:
    if host.startswith("["):
        raise NotAnAddress(Phrase("an IP address in place of a domain is not accepted"))
    try:
        mapped = host.lower() if host.isascii() else idna.uts46_remap(host, False, False)
        labels = [_label(label) for label in mapped.removesuffix(".").split(".")]
    except UnicodeError as error:
        raise NotAnAddress(
            Phrase("the domain “%(domain)s” is not valid", domain=shown(host))
        ) from error
    if len(labels) < 2:
        raise NotAnAddress(Phrase("the domain “%(domain)s” has no dot", domain=shown(host)))
    if labels[-1].isdigit():
        raise NotAnAddress(Phrase("an IP address in place of a domain is not accepted"))
    joined = ".".join(labels)
    if len(joined) > MAX_DOMAIN:
        raise NotAnAddress(
            Phrase("the domain is longer than %(limit)s characters", limit=MAX_DOMAIN)
        )
    return joined


def _label(label: str) -> str:
    """One label in ASCII. Punycode must be what IDNA makes of the text that it stands for."""
    if not label.isascii():
        return idna.alabel(label).decode("ascii")
    if _HOST_LABEL.fullmatch(label) is None:
        raise idna.IDNAError(f"{label!r} is not a host name label")
    if label.startswith("xn--") and idna.alabel(idna.ulabel(label)) != label.encode("ascii"):
        raise idna.IDNAError(f"{label!r} is not canonical punycode")
    return label
