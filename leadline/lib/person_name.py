"""Names of people and the seniority in their titles.

A name is one text. What is its given and what its family name only the person or a source can say:
nothing here cuts a name, and `display` never invents one.
"""

import functools
import re

from leadline.lib import text

_HAN_HANGUL = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003134f"
_OWN = re.compile(f"[{_HAN_HANGUL}]")
_EAST_ASIAN = re.compile(f"[{_HAN_HANGUL}\u3040-\u30ff]+")

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


def holds(full: str, part: str) -> bool:
    """Whether the part stands in the name, as words of their own where its script parts words."""
    return bool(part.strip()) and _standing(part).search(full) is not None


def replaced(full: str, part: str, by: str) -> str:
    """The name with the part, which it holds, written otherwise or ("") left out."""
    return " ".join(_standing(part).sub(lambda _found: by, full, count=1).split())


def joined(first: str, last: str) -> str:
    """Both in the order in which they are written: Chinese, Japanese and Korean names begin with
    the family, without a space. A name in Katakana alone is a foreign one."""
    both = f"{last.strip()}{first.strip()}"
    if first.strip() and last.strip() and _EAST_ASIAN.fullmatch(both) and _OWN.search(last):
        return both
    return f"{first} {last}".strip()


def display(first: str, last: str, full: str, email: str) -> str:
    """What a person is called on screens: full name, else its parts, else the address."""
    for written in (full, joined(first, last)):
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


def _standing(part: str) -> re.Pattern[str]:
    """Finds the part whatever its capitals. Scripts that have capitals part words."""
    said = r"\s+".join(re.escape(word) for word in part.split())
    if part.lower() != part.upper():
        said = rf"(?<!\w){said}(?!\w)"
    return re.compile(said, re.IGNORECASE)
