"""Names of people and the seniority in their titles.

Names are guesses everywhere; `split` keeps every word and `display` never invents one.
"""

import functools
import re

from leadline.lib import text

_HONORIFICS = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "sir", "madame", "mme", "m"}
    | {"mlle", "sr", "sra", "don", "dona", "ing", "dipl.-ing"}
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq"})
_PARTICLES = frozenset(
    {
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
        "ter",
        "ten",
        "zu",
        "zum",
    }
)

SENIORITIES = ("c_level", "vp", "director", "manager", "individual", "student", "retired")

# Read from top to bottom, the first that matches decides; texts are folded (no case, no accents)
# and every pattern stands between word boundaries. An assistant to a chief works for a chief and
# is none. A managing director or general manager leads a company and counts as c_level, an
# executive director as director. Owners, founders and partners of a firm decide like its chiefs,
# product owners and business partners do not. A head of something is a director.
_TITLES: dict[str, tuple[str, ...]] = {
    "retired": (
        r"retired|emerit(us|a)|retraitee?|jubilad[oa]|aposentad[oa]",
        r"rentner(in)?|pensionar(in)?|im ruhestand|i\. ?r\.$",
    ),
    "student": (
        r"^(\w+ ){0,3}student(in)?$|^student(in)? (at|of|in|an|der)|working student",
        r"^intern|intern$|internship$|trainee|apprentice|undergraduate|phd candidate",
        r"praktikant(in)?|werkstudent(in)?|auszubildende[r]?|azubi|doktorand(in)?",
        r"etudiante?|stagiaire|alternante?|estudiante|becari[oa]|estudante|estagiari[oa]",
    ),
    "individual": (
        r"(executive|personal|management) assistant|founder'?s associate|'s assistant",
        r"(assistant|advis[eo]r|secretary|[pe]a) (to|of)",
        r"(assisten(t|tin|z)|sekretar(in)?|referent(in)?) (der|des|von|an)|vorstandsassisten\w+",
        r"(assistante?|secretaire) (de|du|d'\w*)|as?sistente (de|del|da|do|a)|office of the \w+",
    ),
    "vp": (
        r"[seag]?vp|[seag]?\.?v\.p\.?",
        r"vice[- ]?president(e|in|a)?|vizeprasident(in)?|bereichsvorstand",
    ),
    "c_level": (
        r"c\.?[efitmosrpdhlx]\.?o\.?|cmto|ciso|c-(level|suite)",
        r"chief( \w+){1,4} officer|chief executive",
        r"(co-?)?founder|^(co-?)?owner|business owner|owner (and|of)|owner ?[&/,].*|proprietor",
        r"president(in|a|e)?|chair(man|woman|person)?|managing director|general manager",
        r"(managing|senior|equity|founding|general) partner|^partner$|^partner,.*",
        r"geschaftsfuhr(er|erin|ung)|geschaftsfuhrende[r]? \w+|inhaber(in)?|(mit)?grunder(in)?",
        r"vorstand(svorsitzende[r]?|smitglied)?|prasident(in)?",
        r"p\.?d\.?g\.?|directeur general|directrice generale|gerante?|fondat(eur|rice)",
        r"proprietaire|consejer[oa] delegad[oa]|directora? general|gerente general",
        r"propriet?ari[oa]|propietari[oa]|fundadora?|soci[oa]",
        r"diretora? (geral|executiv[oa])|administradora?[- ]delegad[oa]",
    ),
    "director": (
        r"directora?|direktor(in)?|direct(eur|rice)|diretora?|head of|^head|head$|dean",
        r"(?!projekt|team|gruppen|schicht|filial)\w*(leiter(in)?|leitung)|prokurist(in)?",
        r"chef(fe)? (de|du)|jef[ea] de|chief of staff",
    ),
    "manager": (
        r"manager(in)?|mgr|supervisora?|superintendent|foreman|coordinator",
        r"(team|tech|squad|project|sales) ?lead(er)?|lead$",
        r"(projekt|team|gruppen|schicht|filial)leit(er|erin|ung)|teamchef(in)?|meister(in)?",
        r"responsable|gestionnaire|gerente|coordinadora?|coordenadora?|encargad[oa]",
    ),
}


def split(full_name: str) -> tuple[str, str]:
    """(first, last) of a written name, either may be empty; no word is lost but titles of address.

    `Lovelace, Ada` is turned round. Particles belong to the last name (`Ludwig van Beethoven`),
    `Jr` and the like stay at its end. One word alone is a first name.
    """
    name = " ".join(text.clean(full_name).split())
    if text.is_placeholder(name):
        return "", ""
    last, comma, first = (part.strip() for part in name.partition(","))
    if comma and first and _bare(first) not in _SUFFIXES:
        return first, last
    words = name.split(" ")
    while len(words) > 1 and _bare(words[0]) in _HONORIFICS:
        words.pop(0)
    end = len(words)
    while end > 2 and _bare(words[end - 1]) in _SUFFIXES:
        end -= 1
    start = max(end - 1, 1)
    particles = [i for i in range(1, start) if _bare(words[i]) in _PARTICLES]
    if particles:
        start = particles[0]
    return " ".join(words[:start]), " ".join(words[start:])


def display(first: str, last: str, full: str, email: str) -> str:
    """What a person is called on screens: full name, else first and last, else the address."""
    for written in (full, f"{first} {last}"):
        name = " ".join(text.clean(written).split())
        if not text.is_placeholder(name):
            return name
    return email


def title_seniority(title: str) -> str | None:
    """Seniority of a job title, one of SENIORITIES; None when there is no title.

    A title that no rule knows is `individual`. English, German, French, Spanish, Portuguese.
    `Vice President` is read before `President`, `Assistant to the CEO` is an individual,
    `Managing Director` is c_level.
    """
    written = " ".join(text.clean(title, max_length=255).split())
    if text.is_placeholder(written):
        return None
    return _seniority(text.fold(written))


@functools.lru_cache(maxsize=8_192)
def _seniority(folded: str) -> str:
    for seniority, pattern in _rules():
        if pattern.search(folded):
            return seniority
    return "individual"


@functools.cache
def _rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (seniority, re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)"))
        for seniority, patterns in _TITLES.items()
    )


def _bare(word: str) -> str:
    return word.lower().strip(".,")
