"""What a pasted line or signature says about a person: arithmetic without rows.

The text is cut into pieces (lines, and what stands between bars and dots); each piece is asked in
turn whether it is an address, a number, a firm, a title, a name. What nobody claims is left alone:
a person confirms every value, so an empty field is better than a wrong one. English and German.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from leadline.leads.by_hand_person import Person
from leadline.lib import email_address, person_name, phone_number, text

LONGEST = 4_000
_LONGEST_LINE = 400
_LONGEST_PIECE = 90
_MOST_PIECES = 80
_SEAM = re.compile(r"[\n|•·‧∙▪◦\t]| {3,}| // | – | — ")
_EMAIL = re.compile(r"[^\s<>()\[\],;:\"|@]+@[^\s<>()\[\],;:\"|]+")
_WEB = re.compile(r"(?:https?://|www\.)[^\s<>|,;]+", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:\+|\(|\b)[0-9][0-9 ()/.\u00a0\u2010-\u2013-]{5,}[0-9](?:\s?(?:ext|x|dw)\.? ?[0-9]+)?"
)
_LABEL = re.compile(
    r"^\W*(?P<what>name|e-?mail|mail|tel(?:efon|ephone)?|phone|fon|office|direct|durchwahl|büro|mobil"
    r"(?:e|telefon)?|cell|handy|fax|telefax|web(?:site|seite)?|internet|company|firma|unternehmen"
    r"|organi[sz]ation|title|position|role|funktion|address|adresse|[temfpwo])(?:\s*[.:]+\s*|\s+(?=[+(0-9]))",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"^\W*(?:(?:with |mit )?(?:kind(?:est)?|best|warm(?:est)?|many|freundliche[nm]?|beste[nm]?"
    r"|viele[nm]?|herzliche[nm]?|liebe|schöne)?\s*"
    r"(?:regards|wishes|thanks|cheers|sincerely|gr(?:ü|ue)(?:ß|ss)(?:e|en)?)"
    r"|thank you|yours (?:sincerely|truly|faithfully)|best|vielen dank|danke|mfg|lg|vg"
    r"|hochachtungsvoll|sent from|gesendet von|von meinem)\b.*$|^[-_=*~ ]+$",
    re.IGNORECASE,
)
_REGISTER = re.compile(
    r"\b(?:hr[ab]|amtsgericht|registergericht|handelsregister|ust|vat|steuer\w*|iban|bic|registered"
    r"|sitz der|confidential|vertraulich)\b"
    r"|gesch(?:ä|ae)ftsf(?:ü|ue)hr(?:er|ung)\s*:|managing directors?\s*:",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"(?<![\w])(?:g?gmbh|mbh|ag|se|kgaa|kg|ug|ohg|gbr|e\. ?k\.|e\. ?v\.|inc|llc|llp|ltd|limited"
    r"|corp|corporation|plc|pty|s\.?a\.?r\.?l|s\. ?a\.|s\.?r\.?l|b\. ?v\.|bv|n\. ?v\.|oy|ab"
    r"|a/s|aps|sp\. z o\.o|group|holding|gruppe|university|universität|hochschule|institute?"
    r"|verlag|stadtwerke|werke|bank|co)(?![\w])\.?",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?:^|[\s,])(?:[A-Z]{1,2}-)?(?P<code>[0-9]{4,5})\s+(?P<city>[^\W\d][^\d,|]{1,60})", re.UNICODE
)
_STREET = re.compile(
    r"(?:str(?:a(?:ß|ss)e|\.)?|weg|platz|allee|gasse|ufer|damm|ring|street|st\.?|avenue|ave\.?|road"
    r"|rd\.?|lane|drive|blvd\.?|boulevard|suite|floor|stock|etage|postfach|p\.? ?o\.? box)\b.*\d"
    r"|\d+\s+\w+.*(?:street|st\.?|avenue|ave\.?|road|rd\.?|lane|drive|blvd\.?|boulevard)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:engineer(?:ing)?|developer|designer|architect|analyst|consultant|specialist|executive|officer"
    r"|representative|assistant|associate|buyer|recruiter|accountant|administrator|scientist|researcher"
    r"|teacher|professor|lawyer|attorney|nurse|editor|planner|strategist|evangelist|advisor|controller"
    r"|sales|marketing|procurement|purchasing|operations|product|finance|human resources"
    r"|ingenieur(?:in)?|entwickler(?:in)?|berater(?:in)?|referent(?:in)?|sachbearbeiter(?:in)?"
    r"|assistent(?:in)?|assistenz|einkauf|einkäufer(?:in)?|vertrieb|verkauf|buchhaltung|personal"
    r"|techniker(?:in)?|kauf(?:mann|frau)|redakteur(?:in)?|rechtsanw(?:alt|ältin)|ärztin|arzt"
    r"|fachinformatiker(?:in)?|disponent(?:in)?|vorstand|innendienst|außendienst)\b",
    re.IGNORECASE,
)
_AT = re.compile(r"\s+(?:at|bei|@|von der|of the|beim)\s+", re.IGNORECASE)
_FOR = re.compile(r"^\W*(?:i\. ?[av]\.|ppa\.?|im auftrag)\s*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w.'’\-]*(?:,? [^\W\d_][\w.'’\-]*){0,5}")
_KNOWN = {
    "name": "name", "company": "company", "firma": "company", "unternehmen": "company",
    "organization": "company", "organisation": "company", "title": "title", "position": "title",
    "role": "title", "funktion": "title",
}  # fmt: skip


def read(written: str, *, region: str | None = None) -> Person:
    """What the text says. `region` is the country in which a number without `+` is meant.

    Never raises; of several addresses and numbers the first counts, a fax is none.
    """
    guess = Person()
    rest: list[str] = []
    for piece in _pieces(written):
        label, bare = _labelled(piece)
        if label in ("fax", "telefax", "f"):
            continue
        bare = _take_reachable(guess, bare, region=region)
        if label in _KNOWN and bare:
            _fill(guess, _KNOWN[label], bare)
        elif bare and not _take_place(guess, bare):
            rest.append(bare)
    _take_words(guess, rest)
    guess.name = guess.name or _name_of(guess.email)
    return guess


def _pieces(written: str) -> Iterator[str]:
    plain = text.clean(written[:LONGEST])
    for piece in _SEAM.split(plain)[:_MOST_PIECES]:
        bare = piece.strip(" ,;>\u00a0")
        if (
            bare
            and len(bare) <= _LONGEST_LINE
            and not _NOISE.match(bare)
            and not _REGISTER.search(bare)
        ):
            yield bare


def _labelled(piece: str) -> tuple[str, str]:
    found = _LABEL.match(piece)
    return (found["what"].lower(), piece[found.end() :]) if found else ("", piece)


def _take_reachable(guess: Person, piece: str, *, region: str | None) -> str:
    """Addresses and numbers out of the piece into the guess; what is left of it."""
    for found in _EMAIL.findall(piece):
        piece = piece.replace(found, " ")
        guess.email = guess.email or _email(found)
    for found in _WEB.findall(piece):
        piece = piece.replace(found, " ")
        guess.website = guess.website or _website(found)
    for found in _NUMBER.findall(piece):
        number = _phone(found, region=region)
        if number:
            piece = piece.replace(found, " ")
            guess.phone = guess.phone or number
    left = " ".join(piece.split()).strip(" ,;:<>()[]\"'/-")
    return _LABEL.sub("", left) if left != piece else left


def _email(written: str) -> str:
    try:
        return email_address.canonical(written.strip(".'\"").removeprefix("mailto:"))
    except email_address.NotAnAddress:
        return ""


def _phone(written: str, *, region: str | None) -> str:
    try:
        return phone_number.canonical(written.strip(" .-"), region=region)
    except phone_number.NotAPhone:
        return ""


def _website(written: str) -> str:
    address = written if "://" in written else f"https://{written}"
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _take_place(guess: Person, piece: str) -> bool:
    """Whether the piece is a postal address; its code and city go into the guess."""
    found = _PLACE.search(piece)
    if found:
        guess.postal_code = guess.postal_code or found["code"]
        guess.city = guess.city or found["city"].strip(" ,.")
        return True
    return bool(_STREET.search(piece))


def _fill(guess: Person, field: str, value: str) -> None:
    if not getattr(guess, field) and len(value) <= _LONGEST_PIECE:
        setattr(guess, field, value.strip(" ,;"))


def _take_words(guess: Person, rest: list[str]) -> None:
    """Name, title and firm out of what is neither address nor number; the name stands first."""
    for piece in rest:
        if len(piece) > _LONGEST_PIECE:
            continue
        turned = _turned(piece)
        for part in [turned] if turned else _parts(piece):
            _classify(guess, part, is_only=len(rest) == 1)


def _turned(piece: str) -> str:
    """`Lovelace, Ada` as a name; "" for everything else."""
    last, comma, first = (part.strip() for part in piece.partition(","))
    is_pair = comma and first and "," not in first and " " not in first and " " not in last
    if (
        not is_pair
        or _is_firm(first)
        or any(map(_is_title, (first, last)))
        or not _NAME.fullmatch(first)
    ):
        return ""
    return f"{first} {last}" if _NAME.fullmatch(last) else ""


def _parts(piece: str) -> list[str]:
    parts = [_FOR.sub("", part).strip() for part in _AT.split(piece)]
    if _is_firm(piece) and "," not in piece and len(parts) == 1:
        return parts
    return [part.strip() for each in parts for part in re.split(r",\s+", each) if part.strip()]


def _classify(guess: Person, part: str, *, is_only: bool) -> None:
    if _is_firm(part) or _is_of_domain(part, guess.email or guess.website):
        _fill(guess, "company", part)
    elif _is_title(part):
        _fill(guess, "title", part)
    elif not guess.name and _NAME.fullmatch(part):
        guess.name = " ".join(part.split())
    elif guess.name and (is_only or guess.title) and _may_be_firm(part):
        # After the name and perhaps a title, what is left is where somebody works.
        _fill(guess, "company", part)


def _is_firm(part: str) -> bool:
    return bool(_FIRM.search(part)) and not _is_title(_FIRM.sub("", part).strip() or "-")


def _is_title(part: str) -> bool:
    if person_name.title_seniority(part) not in (None, "individual"):
        return True
    return bool(_ROLE.search(part))


def _may_be_firm(part: str) -> bool:
    return any(c.isalpha() for c in part) and len(part.split()) <= 6


def _is_of_domain(part: str, address: str) -> bool:
    """Whether the words are those of the address's domain: `Acme Widgets`, acme-widgets.com."""
    host = email_address.domain(address) if "@" in address else address
    if not host or email_address.is_free_mail(host):
        return False
    words = re.sub(r"[^a-z0-9]", "", text.fold(part))
    labels = [re.sub(r"[^a-z0-9]", "", label) for label in host.split(".")[:-1]]
    return len(words) > 2 and any(words == label for label in labels)


def _name_of(address: str) -> str:
    """`Jane Doe` of jane.doe@…; "" unless the address clearly holds two words."""
    local = address.partition("@")[0].partition("+")[0]
    words = [word for word in re.split(r"[._]", local) if word]
    if len(words) != 2 or not all(word.isalpha() and len(word) > 1 for word in words):
        return ""
    return " ".join(word.capitalize() for word in words)
